#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Transaction<'a>(pub &'a mut Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("the statement failed")]
pub struct Failed;

pub struct Signups;

#[projection(event = UserEvent, name = "signups", ignore(Renamed, Closed))]
impl Signups {
    #[setup]
    async fn tables(tx: &mut Transaction<'_>) -> Result<(), Failed> {
        tx.0.clear();
        Ok(())
    }

    #[on(Created)]
    async fn created(tx: &mut Transaction<'_>, email: String) -> Result<(), Failed> {
        tx.0.push(email);
        Ok(())
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.wait_for::<Signups>().await;
}

fn main() {}
