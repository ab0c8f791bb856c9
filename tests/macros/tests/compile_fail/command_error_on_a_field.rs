use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid)]
pub struct CreateUser {
    #[cqrs(error = std::io::Error)]
    pub email: String,
}

fn main() {}
