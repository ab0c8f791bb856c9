use cqrs::prelude::*;

pub enum UserError {
    EmailTaken(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
    #[cqrs(taken = UserError::EmailTaken)]
    Closed { id: Uuid },
}

fn main() {}
