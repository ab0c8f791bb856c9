use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
    Closed(Uuid),
}

fn main() {}
