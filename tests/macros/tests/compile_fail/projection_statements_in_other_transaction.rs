#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Transaction<'a>(pub &'a mut Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("the statement failed")]
pub struct Failed;

pub struct Signups;

pub struct Connection;

#[projection(event = UserEvent, name = "signups", transaction = Transaction<'_>, ignore(Renamed, Closed))]
impl Signups {
    #[on(Created)]
    async fn created(tx: &mut Connection, email: String) -> Result<(), Failed> {
        let _ = (tx, email);
        Ok(())
    }
}

fn main() {}
