use cqrs::prelude::*;

#[derive(Clone, Copy, Query)]
#[cqrs(result = u64)]
pub union GetUser {
    id: Uuid,
    number: u128,
}

fn main() {}
