use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(name = "create_user")]
pub struct CreateUser {
    #[cqrs(result = Uuid)]
    pub email: String,
}

fn main() {}
