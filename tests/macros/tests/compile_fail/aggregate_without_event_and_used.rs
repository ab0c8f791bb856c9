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

#[aggregate(facts = UserEvent, error = UserError, not_found = UserError::NotFound)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<Option<UserEvent>, UserError> {
        let RenameUser { id, name } = command;
        Ok((name != self.email).then_some(UserEvent::Renamed { id, name }))
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await;
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
}

fn main() {}
