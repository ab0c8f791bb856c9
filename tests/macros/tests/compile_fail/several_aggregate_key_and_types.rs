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

#[aggregate(event = UserEvent, error = UserError, not_fuond = UserError::InvalidEmail)]
impl User {
    #[handle]
    fn create(command: CreateUser, ctx: &Engine) -> Result<(UserEvent, Uuid), UserError> {
        let _ = ctx;
        Ok((UserEvent::Created { id: command.id, email: command.email }, command.id))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, OrderError> {
        if self.email.is_empty() { Err(OrderError) } else { Ok(UserEvent::Renamed { id: command.id, name: command.name }) }
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed, Closd)]
    fn changed(&mut self) {}
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
}

fn main() {}
