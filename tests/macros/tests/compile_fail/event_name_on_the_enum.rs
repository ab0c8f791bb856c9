use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id, name = "user.created")]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
