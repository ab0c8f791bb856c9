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

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, UserError> {
        Ok(UserEvent::Renamed { id: command.id, name: command.name })
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

async fn rename(engine: &Engine, id: Uuid) -> Result<(), CommandError<UserError>> {
    let metadata = std::collections::HashMap::from([("user", "ann")]);
    engine.execute_with_metadata(RenameUser { id, name: "Ann".into() }, metadata).await?;
    Ok(())
}

async fn sign_up(engine: &Engine, id: Uuid) -> Result<Uuid, CommandError<UserError>> {
    let created = engine.execute(CreateUser { id, email: "ann@example.com".into() }).await?;
    engine.execute(RenameUser { id, name: "Ann".into() }).await?;
    Ok(created.result)
}

fn main() {}
