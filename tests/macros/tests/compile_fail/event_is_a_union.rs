use cqrs::prelude::*;

#[derive(Clone, Copy, Event)]
#[cqrs(aggregate = "user", id = id)]
pub union UserEvent {
    id: Uuid,
    number: u128,
}

fn main() {}
