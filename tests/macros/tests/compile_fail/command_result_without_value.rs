use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
