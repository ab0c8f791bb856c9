use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    #[cqrs(crate = ::cqrs)]
    Created { id: Uuid, email: String },
}

fn main() {}
