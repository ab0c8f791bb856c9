use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid)]
pub struct CreateUser {
    #[cqrs(name = "mail")]
    pub email: String,
}

fn main() {}
