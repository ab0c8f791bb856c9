use cqrs::prelude::*;

pub struct User;

#[aggregate(not_found = UserError::NotFound)]
impl User {
    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

fn main() {}
