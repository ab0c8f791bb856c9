use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid)]
pub struct CreateUser {
    #[cqrs(crate = ::cqrs)]
    pub email: String,
}

fn main() {}
