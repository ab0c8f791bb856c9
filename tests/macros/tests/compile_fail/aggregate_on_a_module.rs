use cqrs::prelude::*;

#[aggregate(event = UserEvent, error = UserError)]
mod users {
    pub struct User;
}

fn main() {}
