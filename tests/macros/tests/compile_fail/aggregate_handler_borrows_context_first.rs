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

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[handle]
    fn create(ctx: &Context, command: &CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let id = ctx.new_id();
        Ok((UserEvent::Created { id, email: command.email.clone() }, id))
    }

    #[on(Created)]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {
        self.email.clear();
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await;
}

fn main() {}
