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

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[command_handler]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[cfg_attr(not(test), handle)]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, UserError> {
        Ok(UserEvent::Renamed { id: command.id, name: command.name })
    }

    #[apply(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed | Closed)]
    fn changed(&mut self) {}
}

async fn run(engine: Engine) {
    let _ = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await;
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
}

fn main() {}
