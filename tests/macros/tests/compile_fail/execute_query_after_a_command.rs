#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountOrders;

async fn run(engine: Engine) {
    let placed = engine.execute(PlaceOrder { number: 1, user: Uuid::nil() }).await.unwrap();
    let _ = engine.execute(CountOrders).after(&placed).await;
}

fn main() {}
