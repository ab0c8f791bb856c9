#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Serialize, Deserialize, ReadModel)]
pub struct OrderView {
    #[cqrs(key)]
    pub number: u64,
}

#[derive(Deserialize, Query)]
#[cqrs(model = OrderView, result = u64)]
pub struct CountOrders;

#[projection(event = OrderEvent)]
impl OrderView {
    #[on(Placed)]
    fn placed(number: u64) -> Self {
        Self { number }
    }

    #[on(Paid)]
    fn paid(&mut self) {}

    #[handle]
    async fn count(orders: &Views<Self>, _: CountOrders) -> Result<u64, QueryError> {
        orders.all().count().await
    }
}

async fn run(engine: Engine) {
    let placed = engine.execute(PlaceOrder { number: 1, user: Uuid::nil() }).await.unwrap();
    let _ = engine.query(CountOrders).after(placed).await;
}

fn main() {}
