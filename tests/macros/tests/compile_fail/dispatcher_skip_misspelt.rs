use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    #[cqrs(skp)]
    title: String,
}

fn main() {}
