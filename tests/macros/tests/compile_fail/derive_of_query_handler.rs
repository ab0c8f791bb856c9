use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, QueryHandler)]
pub struct User {
    pub id: Uuid,
}

fn main() {}
