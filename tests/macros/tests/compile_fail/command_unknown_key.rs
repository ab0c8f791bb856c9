use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid, version = 2)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
