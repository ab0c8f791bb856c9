#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User {
    email: String,
}

#[aggregate(event = UserEvent, error = UserError, ignore(Renamed, Closed))]
impl User {
    #[on = Created]
    fn created(email: String) -> Self {
        Self { email }
    }
}

fn main() {}
