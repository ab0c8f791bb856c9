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

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[handle(CreateUser)]
    fn create(command: CreateUser, ctx: Context) -> Result<(UserEvent, Uuid), UserError> {
        let _ = ctx;
        Ok((UserEvent::Created { id: command.id, email: command.email }, command.id))
    }

    #[handle]
    async fn rename(&mut self, command: RenameUser) -> Result<UserEvent, UserError> {
        self.email = command.name.clone();
        Ok(UserEvent::Renamed { id: command.id, name: command.name })
    }

    #[handle]
    fn close<T: Clone>(self, command: CloseUser) {
        drop((self.email, command));
    }

    #[handle]
    fn nothing(&self) -> Result<UserEvent, UserError> {
        Err(UserError::InvalidEmail(self.email.clone()))
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(RenameUser { id: Uuid::nil(), name: String::new() }).await;
}

fn main() {}
