#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

async fn run(engine: Engine) {
    let placed = engine.execute(PlaceOrder { number: 1, user: Uuid::nil() }).await.unwrap();
    let _ = engine.execute(PlaceOrder { number: 2, user: Uuid::nil() }).after(&placed).await;
}

fn main() {}
