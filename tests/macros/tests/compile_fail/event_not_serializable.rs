use cqrs::prelude::*;

#[derive(Debug, Clone, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid },
}

fn main() {}
