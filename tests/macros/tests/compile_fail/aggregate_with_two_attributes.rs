#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User;

#[aggregate(event = UserEvent, error = UserError)]
#[projection(event = UserEvent)]
impl User {
    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

fn main() {}
