use cqrs::prelude::*;

#[derive(Clone, Copy, Command)]
#[cqrs(result = Uuid)]
pub union CreateUser {
    id: Uuid,
    number: u128,
}

fn main() {}
