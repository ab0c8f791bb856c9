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

impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, UserError> {
        let RenameUser { id, name } = command;
        Ok(UserEvent::Renamed { id, name })
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }
}

pub async fn run(engine: Engine, id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    let created = engine.execute(CreateUser { id, email: "ann@example.com".into() }).await?;
    match engine.execute(RenameUser { id: created.result, name: "Ann".into() }).await {
        Err(CommandError::Rejected(UserError::NotFound(id))) => println!("there is no {id}"),
        other => println!("{:?}", other?.version),
    }
    Ok(())
}

fn main() {}
