use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", aggregate = "person", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
