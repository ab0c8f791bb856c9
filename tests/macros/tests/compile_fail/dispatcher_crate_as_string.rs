use cqrs::prelude::*;

#[derive(Dispatcher)]
#[cqrs(crate = "cqrs")]
pub struct App {
    engine: Engine,
    title: String,
}

fn main() {}
