use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    #[cqrs(id_type = Uuid)]
    Created { id: Uuid, email: String },
}

fn main() {}
