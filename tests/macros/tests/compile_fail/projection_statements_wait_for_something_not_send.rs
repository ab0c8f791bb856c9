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
    async fn created(tx: &mut Transaction<'_>, email: String) -> Result<(), Failed> {
        let local = std::rc::Rc::new(email);
        std::future::ready(()).await;
        tx.0.push(local.to_string());
        Ok(())
    }
}

fn main() {}
