use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id_type = Uuid)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
    Closed { id: Uuid },
}

fn main() {}
