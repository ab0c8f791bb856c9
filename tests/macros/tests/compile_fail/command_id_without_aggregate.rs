use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid)]
pub struct CreateUser {
    #[cqrs(id)]
    pub id: Uuid,
}

fn main() {}
