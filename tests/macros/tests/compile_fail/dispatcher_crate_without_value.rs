use cqrs::prelude::*;

#[derive(Dispatcher)]
#[cqrs(crate)]
pub struct App {
    engine: Engine,
    title: String,
}

fn main() {}
