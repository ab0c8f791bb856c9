#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::{UserError, UserEvent};

#[derive(Debug, Clone, Deserialize, Command)]
pub struct CloseUser {
    #[cqrs(id)]
    pub id: Uuid,
}

pub struct User;

#[aggregate(event = UserEvent, error = UserError, ignore(Renamed, Closed))]
impl User {
    #[handle]
    fn close(&self, command: CloseUser) -> Result<UserEvent, UserError> {
        Ok(UserEvent::Closed { id: command.id, successor: None })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

async fn run(engine: Engine, id: Uuid) {
    let _ = engine.execute(CloseUser { id }).await;
}

fn main() {}
