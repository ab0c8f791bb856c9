use cqrs::prelude::*;

pub struct Users;

#[cqrs(name = "users")]
impl Users {
    pub fn count(&self) -> usize {
        0
    }
}

fn main() {}
