use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(eror = std::io::Error)]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
