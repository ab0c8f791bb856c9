#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::PlaceOrder;

async fn place(engine: &Engine, command: PlaceOrder) {
    let _ = engine.execute(&command).await;
}

fn main() {}
