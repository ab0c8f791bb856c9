use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(reslut = Uuid)]
pub struct RenameUser {
    pub name: String,
}

fn main() {}
