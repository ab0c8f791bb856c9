use cqrs::prelude::*;

#[derive(ReadModel)]
pub union UserView {
    id: u64,
}

fn main() {}
