#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = UserError)]
pub struct Register {
    pub email: String,
}

pub struct Registration;

#[command_handlers]
impl Registration {
    #[handle]
    async fn register(&self, command: Register) -> Result<Uuid, UserError> {
        drop(command);
        Ok(Uuid::nil())
    }
}

#[command_handlers(block = 2)]
impl Registration {
    #[handle]
    async fn invite(&self, command: Invite) -> Result<(), UserError> {
        drop(command);
        Ok(())
    }
}

#[derive(Clone, Deserialize, Command)]
#[cqrs(error = UserError)]
pub struct Invite {
    pub email: String,
}

fn main() {}
