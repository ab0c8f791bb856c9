use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    #[cqrs(skip = true)]
    title: String,
}

fn main() {}
