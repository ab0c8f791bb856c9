use cqrs::prelude::*;

pub struct User;

#[aggregate(event = UserEvent, error = UserError)]
impl Clone for User {
    fn clone(&self) -> Self {
        Self
    }
}

fn main() {}
