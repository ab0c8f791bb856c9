use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(id = id)]
pub enum UserEvent {
    #[cqrs(aggregate = "user")]
    Created { id: Uuid, email: String },
}

fn main() {}
