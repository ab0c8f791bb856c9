use cqrs::prelude::*;

#[derive(Dispatcher)]
#[cqrs(name = "app")]
pub struct App {
    engine: Engine,
    title: String,
}

fn main() {}
