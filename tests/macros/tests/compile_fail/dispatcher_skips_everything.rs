use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App {
    #[cqrs(skip)]
    engine: Engine,
}

fn main() {}
