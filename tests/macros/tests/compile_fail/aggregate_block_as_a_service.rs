#[path = "../domain/commands.rs"]
mod commands;
#[path = "../domain/mod.rs"]
mod domain;

use commands::*;
use cqrs::prelude::*;
use domain::*;

pub struct User;

#[command_handlers]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

async fn run(engine: Engine) {
    let _ = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await;
}

fn main() {}
