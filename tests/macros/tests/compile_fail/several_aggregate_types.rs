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

#[derive(Debug)]
pub struct Unrelated;

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::InvalidEmail)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, String), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email: email.clone() }, email))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, Unrelated> {
        if self.email.is_empty() { Err(Unrelated) } else { Ok(UserEvent::Renamed { id: command.id, name: command.name }) }
    }

    #[on(Created)]
    fn created(email: u64) -> Self {
        Self { email: email.to_string() }
    }

    #[on(Renamed)]
    fn renamed(&mut self, title: String) {
        self.email = title;
    }

    #[on(Close)]
    fn closed(&mut self) {}
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
}

fn main() {}
