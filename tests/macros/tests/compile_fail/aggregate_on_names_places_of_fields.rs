#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User;

#[aggregate(event = UserEvent, error = UserError, ignore(Closed))]
impl User {
    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Renamed(id, name))]
    fn renamed(&mut self) {}
}

fn main() {}
