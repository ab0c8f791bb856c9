#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Account<T> {
    owner: Option<T>,
}

#[aggregate(event = UserEvent, error = UserError)]
impl<T> Account<T> {
    #[on(Created)]
    fn created() -> Self {
        Self { owner: None }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}
}

fn main() {}
