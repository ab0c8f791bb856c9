use cqrs::prelude::*;

#[derive(Dispatcher)]
#[cqrs(skip(title))]
pub struct App {
    engine: Engine,
    title: String,
}

fn main() {}
