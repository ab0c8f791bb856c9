use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App {
    #[cqrs(crate = ::cqrs)]
    engine: Engine,
}

fn main() {}
