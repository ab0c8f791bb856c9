use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id, id_type = Uuid, id_type = String)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
