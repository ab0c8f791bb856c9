use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
    #[cqrs(id = user_uuid)]
    Closed { user_id: Uuid, reason: String },
}

fn main() {}
