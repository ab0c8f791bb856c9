use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Aggregate)]
pub struct User {
    pub id: Uuid,
}

fn main() {}
