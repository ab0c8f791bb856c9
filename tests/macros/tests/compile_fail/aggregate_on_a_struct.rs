use cqrs::prelude::*;

#[aggregate(event = UserEvent, error = UserError)]
pub struct User {
    email: String,
}

fn main() {}
