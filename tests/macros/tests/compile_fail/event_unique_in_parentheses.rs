use cqrs::prelude::*;

pub enum UserError {
    EmailTaken(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique(email), taken = UserError::EmailTaken)]
        email: String,
    },
}

fn main() {}
