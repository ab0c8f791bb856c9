use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event, Command)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
