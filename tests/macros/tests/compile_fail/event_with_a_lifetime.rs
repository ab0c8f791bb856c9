use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent<'a> {
    Created { id: Uuid, email: &'a str },
}

fn main() {}
