#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = UserError)]
pub struct Register {
    pub email: String,
}

#[derive(Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountUsers;

pub struct Registration;

#[command_handlers]
impl Registration {
    #[handle]
    async fn register(command: Register) -> Result<Uuid, UserError> {
        Err(UserError::InvalidEmail(command.email))
    }
}

fn main() {}
