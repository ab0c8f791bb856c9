use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[serde(tag = "type")]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid },
}

fn main() {}
