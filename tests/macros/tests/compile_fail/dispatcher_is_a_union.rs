use cqrs::prelude::*;

#[derive(Clone, Copy, Dispatcher)]
pub union App {
    first: u64,
    second: u128,
}

fn main() {}
