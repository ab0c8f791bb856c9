use cqrs::prelude::*;

#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("email already exists: {0}")]
    EmailExists(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique, taken = UserError::EmailTaken)]
        email: String,
    },
}

fn main() {}
