use cqrs::prelude::*;

#[derive(Dispatcher)]
pub struct App<S> {
    service: S,
}

fn main() {}
