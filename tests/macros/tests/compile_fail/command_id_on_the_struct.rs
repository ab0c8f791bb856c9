use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(id = email)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
