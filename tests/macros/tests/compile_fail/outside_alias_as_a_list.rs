use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    #[cqrs(alias("user.registered", "user.imported"))]
    Created { id: Uuid, email: String },
}

fn main() {}
