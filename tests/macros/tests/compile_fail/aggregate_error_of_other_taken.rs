#[path = "../domain/commands.rs"]
mod commands;
#[path = "../domain/mod.rs"]
mod domain;

use commands::*;
use cqrs::prelude::*;
use domain::*;

pub struct User {
    email: String,
}

#[aggregate(event = GuestEvent, error = UserError)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(GuestEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((GuestEvent::Created { id, email }, id))
    }

    

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    
}

#[derive(Debug, thiserror::Error)]
#[error("taken: {0}")]
pub struct Taken(String);

impl Taken {
    fn by(email: String) -> Self {
        Self(email)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "guest", id = id)]
pub enum GuestEvent {
    Created {
        id: Uuid,
        #[cqrs(unique, taken = Taken::by)]
        email: String,
    },
}

fn main() {}
