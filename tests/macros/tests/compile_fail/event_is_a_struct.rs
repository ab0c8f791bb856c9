use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub struct UserCreated {
    pub id: Uuid,
}

fn main() {}
