use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, CommandHandler)]
pub struct User {
    pub id: Uuid,
}

fn main() {}
