#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User;

impl User {
    #[handle]
    fn place(&self, command: PlaceOrder) -> Result<Option<UserEvent>, UserError> {
        drop(command);
        Ok(None)
    }
}

fn main() {}
