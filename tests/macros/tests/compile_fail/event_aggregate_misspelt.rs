use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(agregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
