#[path = "../domain/commands.rs"]
mod commands;
#[path = "../domain/mod.rs"]
mod domain;

use commands::*;
use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct CloseUser {
    #[cqrs(id)]
    pub id: Uuid,
}

pub struct User {
    email: String,
}

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::InvalidEmail)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, String), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email: email.clone() }, email))
    }

    #[handle]
    async fn rename(&self, command: RenameUser) -> Result<UserEvent, UserError> {
        Ok(UserEvent::Renamed { id: command.id, name: command.name })
    }

    #[handle]
    fn close(&mut self, command: CloseUser) -> Result<OrderEvent, UserError> {
        self.email.clear();
        Ok(OrderEvent::Paid { number: 0, user: command.id })
    }

    #[handle]
    fn place(&self, command: PlaceOrder) -> Result<Option<UserEvent>, UserError> {
        drop(command);
        Ok(None)
    }

    #[on(Created)]
    fn created(email: u64) -> Self {
        Self { email: email.to_string() }
    }

    #[on(Renamed)]
    fn renamed(&self, name: String) {
        drop(name);
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await;
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
    let _ = engine.execute(CloseUser { id: Uuid::nil() }).await;
}

fn main() {}
