use std::rc::Rc;

use cqrs::prelude::*;

#[path = "../domain/mod.rs"]
mod domain;

use domain::UserEvent;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct CloseUser {
    #[cqrs(id)]
    pub id: Uuid,
}

#[derive(Debug, thiserror::Error)]
#[error("not allowed: {0}")]
pub struct Forbidden(Rc<str>);

pub struct User;

#[aggregate(event = UserEvent, error = Forbidden, ignore(Renamed, Closed))]
impl User {
    #[handle]
    fn close(&self, command: CloseUser) -> Result<UserEvent, Forbidden> {
        Ok(UserEvent::Closed { id: command.id, successor: None })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

fn main() {}
