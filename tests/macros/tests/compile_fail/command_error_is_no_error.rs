use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(error = String)]
pub struct Register {
    pub email: String,
}

fn main() {}
