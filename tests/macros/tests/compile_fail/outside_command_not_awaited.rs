#![deny(unused_must_use)]

#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::PlaceOrder;

async fn place(engine: &Engine, command: PlaceOrder) {
    engine.execute(command);
}

fn main() {}
