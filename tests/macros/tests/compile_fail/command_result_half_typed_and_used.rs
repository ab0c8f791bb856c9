#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User, result: Uuid)]
pub struct CreateUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub email: String,
}

pub struct User;

#[aggregate(event = UserEvent, error = UserError, ignore(Renamed, Closed))]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

async fn run(engine: Engine) -> Option<Uuid> {
    Some(engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await.ok()?.result)
}

fn main() {}
