use cqrs::prelude::*;

#[aggregate(event = UserEvent, error = UserError)]
fn created(email: String) {
    drop(email);
}

fn main() {}
