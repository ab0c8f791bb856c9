use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid, result = String)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
