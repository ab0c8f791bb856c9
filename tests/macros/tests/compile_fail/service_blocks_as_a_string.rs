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

#[command_handlers(blocks = "2")]
impl Registration {
    #[handle]
    async fn register(&self, command: Register) -> Result<Uuid, UserError> {
        drop(command);
        Ok(Uuid::nil())
    }
}

#[derive(Clone, Deserialize, Command)]
#[cqrs(error = UserError)]
pub struct Forget;

#[command_handlers(block = 2)]
impl Registration {
    #[handle]
    async fn forget(&self, _: Forget) -> Result<(), UserError> {
        Ok(())
    }
}

fn main() {}
