use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id, release(email))]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique)]
        email: String,
    },
    Closed { id: Uuid },
}

fn main() {}
