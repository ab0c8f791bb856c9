#[path = "../domain/commands.rs"]
mod commands;
#[path = "../domain/mod.rs"]
mod domain;

use commands::*;
use cqrs::prelude::*;
use domain::*;

pub struct User;

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

#[aggregate(event = UserEvent, error = UserError)]
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
}

fn main() {}
