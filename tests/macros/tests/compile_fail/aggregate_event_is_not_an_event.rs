#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct User {
    email: String,
}

pub enum Signup {
    Created,
}

#[aggregate(event = Signup, error = UserError)]
impl User {
    #[on(Created)]
    fn created() -> Self {
        Self { email: String::new() }
    }
}

fn main() {}
