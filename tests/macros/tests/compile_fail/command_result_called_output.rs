use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(output = Uuid)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
