use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Projection)]
pub struct User {
    pub id: Uuid,
}

fn main() {}
