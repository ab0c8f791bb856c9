#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

async fn run(engine: Engine) {
    let _ = engine.query(PlaceOrder { number: 1, user: Uuid::nil() }).await;
}

fn main() {}
