use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(crate = ::cqrs, crate = cqrs)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
