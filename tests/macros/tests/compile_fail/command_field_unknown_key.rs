use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid)]
pub struct CreateUser {
    #[cqrs(unique)]
    pub email: String,
}

fn main() {}
