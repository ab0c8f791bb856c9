#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::{UserError, UserEvent};

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct Close {
    #[cqrs(id)]
    pub id: Uuid,
}

pub struct Mailer;

pub struct User;

#[aggregate(event = UserEvent, error = UserError, ignore(Renamed, Closed))]
impl User {
    #[handle]
    async fn close(&mut self, command: Close, services: &Mailer) -> Result<Vec<UserEvent>, UserError> {
        let _ = services;
        Ok(vec![UserEvent::Closed { id: command.id, successor: None }])
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

fn main() {}
