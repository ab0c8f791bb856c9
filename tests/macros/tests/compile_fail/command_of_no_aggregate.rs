use cqrs::prelude::*;

#[derive(Debug, Clone)]
pub struct User;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct RenameUser {
    #[cqrs(id)]
    pub user_id: Uuid,
}

fn main() {}
