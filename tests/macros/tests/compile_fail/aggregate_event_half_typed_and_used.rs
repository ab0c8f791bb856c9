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

#[aggregate(event = , error = UserError, not_found = UserError::NotFound)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn rename(&self, command: RenameUser, ctx: &Context) -> Result<UserEvent, UserError> {
        let _ = (ctx.now(), &self.email);
        Ok(UserEvent::Renamed { id: command.id, name: command.name })
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

async fn run(builder: cqrs::EngineBuilder) -> Result<Uuid, Box<dyn std::error::Error>> {
    let engine = builder.aggregate::<User>().start().await?;
    let created = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await?;
    let refused = engine.execute(RenameUser { id: created.result, name: String::new() }).await.unwrap_err();
    println!("{refused}");
    Ok(created.result)
}

fn main() {}
