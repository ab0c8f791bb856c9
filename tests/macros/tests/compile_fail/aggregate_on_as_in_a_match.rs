#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User {
    email: String,
}

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[on(Created { email, .. })]
    fn created(email: String) -> Self {
        Self { email }
    }

    #[on(_)]
    fn changed(self: &mut Self) {
        self.email.clear();
    }
}

fn main() {}
