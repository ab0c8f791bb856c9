#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::UserEvent;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct Close {
    #[cqrs(id)]
    pub id: Uuid,
}

pub struct User;

#[aggregate(event = UserEvent, error = String, ignore(Renamed, Closed))]
impl User {
    #[handle]
    fn close(&self, command: &Close) -> Result<UserEvent, String> {
        Ok(UserEvent::Closed { id: command.id, successor: None })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

fn main() {}
