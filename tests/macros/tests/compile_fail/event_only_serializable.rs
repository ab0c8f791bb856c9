use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
