use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(error = std::io::Error, error = std::fmt::Error)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
