#[path = "../domain/commands.rs"]
mod commands;
#[path = "../domain/mod.rs"]
mod domain;

use commands::*;
use cqrs::prelude::*;
use domain::*;

pub struct User {
    email: String,
    name: Option<String>,
}

#[aggregate(event = UserEvent, error = UserError, ignore(Closed, OrderEvent::Paid))]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, UserError> {
        let _ = (&self.email, &self.name);
        Ok(UserEvent::Renamed { id: command.id, name: command.name })
    }

    #[on(Created)]
    fn created(email: String) {
        drop(email);
    }

    #[on(Renamed, name = name)]
    async fn renamed(&mut self, (name,): (String,)) -> Result<(), UserError> {
        self.name = Some(name);
        Ok(())
    }

    #[on("Renamed")]
    fn renamed_again(&self, name: &mut String) {
        name.clear();
    }

    #[on(Closed)]
    fn closed(mut self) {
        self.name = None;
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
}

fn main() {}
