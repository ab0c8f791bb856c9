use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    #[cqrs(skip, skip)]
    title: String,
}

fn main() {}
