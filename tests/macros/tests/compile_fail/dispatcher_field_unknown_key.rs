use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    #[cqrs(id)]
    title: String,
}

fn main() {}
