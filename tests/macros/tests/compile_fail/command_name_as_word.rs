use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(name = create_user)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
