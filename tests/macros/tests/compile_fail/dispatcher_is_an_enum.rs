use cqrs::prelude::*;

#[derive(Dispatcher)]
pub enum App {
    Engine(Engine),
}

fn main() {}
