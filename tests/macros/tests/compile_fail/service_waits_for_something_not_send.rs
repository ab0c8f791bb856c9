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
        let local = std::rc::Rc::new(command.email);
        std::future::ready(()).await;
        drop(local);
        Ok(Uuid::nil())
    }
}

fn main() {}
