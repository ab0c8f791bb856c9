use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = "std::io::Error")]
pub struct CreateUser {
    pub email: String,
}

fn main() {}
