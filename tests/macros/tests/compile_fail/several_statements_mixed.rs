#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Transaction<'a>(pub &'a mut Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("the statement failed")]
pub struct Failed;

#[derive(Debug)]
pub struct NoError;

pub struct Signups;

#[projection(event = UserEvent, name = "signups", transaction = Transaction)]
impl Signups {
    #[setup]
    async fn tables(tx: &mut Transaction<'_>) -> Result<(), NoError> {
        let _ = tx;
        Ok(())
    }

    #[on(Created)]
    async fn created(tx: &mut Transaction<'_>, email: u64) -> Result<(), Failed> {
        tx.0.push(email.to_string());
        Ok(())
    }

    #[on(Renamed)]
    fn renamed(tx: &mut Transaction<'_>, name: String) -> Result<(), Failed> {
        tx.0.push(name);
        Ok(())
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.wait_for::<Signups>().await;
}

fn main() {}
