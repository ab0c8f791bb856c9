#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Transaction<'a>(pub &'a mut Vec<String>);

#[derive(Debug, thiserror::Error)]
#[error("the statement failed")]
pub struct Failed;

pub struct Signups;

#[projection(event = UserEvent, name = "signups", transaction = Transaction, ignore(Renamed, Closed))]
impl Signups {
    #[on(Created)]
    async fn created(email: String) -> Result<(), Failed> {
        drop(email);
        Ok(())
    }
}

fn main() {}
