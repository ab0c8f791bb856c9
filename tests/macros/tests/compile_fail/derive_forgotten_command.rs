#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Clone, Deserialize)]
#[cqrs(aggregate = Account, result = Uuid)]
pub struct OpenAccount {
    #[cqrs(id)]
    pub id: Uuid,
    pub email: String,
}

#[derive(Debug, Clone, Deserialize)]
#[cqrs(aggregate = Account)]
pub struct CloseAccount {
    #[cqrs(id)]
    #[serde(rename = "account")]
    pub id: Uuid,
}

pub struct Account;

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound, ignore(Renamed, Closed))]
impl Account {
    #[handle]
    fn open(command: OpenAccount) -> Result<(UserEvent, Uuid), UserError> {
        let OpenAccount { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn close(&self, command: &CloseAccount) -> Result<UserEvent, UserError> {
        Ok(UserEvent::Closed { id: command.id, successor: None })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

async fn run(engine: Engine) -> Result<Uuid, CommandError<UserError>> {
    let id = engine.execute(OpenAccount { id: Uuid::nil(), email: String::new() }).await?.result;
    engine.execute(CloseAccount { id }).await?;
    Ok(id)
}

fn main() {}
