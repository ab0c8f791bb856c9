use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = "Uuid")]
pub struct RenameUser {
    pub name: String,
}

fn main() {}
