#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Transaction<'a>(pub &'a mut Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("the statement failed")]
pub struct Failed;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountSignups;

pub struct Signups;

#[projection(event = UserEvent, transaction = Transaction, name = "Sign-ups", ignore(Renamed))]
impl Signups {
    #[setup(once)]
    async fn tables(tx: &mut Transaction<'_>, engine: &Engine) -> Result<(), Failed> {
        let _ = (tx, engine);
        Ok(())
    }

    #[on(Created, key = id)]
    fn created(tx: &mut Transaction<'_>, email: String) {
        tx.0.push(email);
    }

    #[on(Closed, Renamed)]
    async fn closed(&mut self, id: Uuid) -> Result<(), Failed> {
        let _ = id;
        Ok(())
    }

    #[handle]
    async fn count(&self, _: CountSignups) -> Result<u64, QueryError> {
        Ok(0)
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.wait_for::<Signups>().await;
}

fn main() {}
