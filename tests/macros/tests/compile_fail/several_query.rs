#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct OrderView {
    #[cqrs(key)]
    pub number: u64,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(view = OrderView, result = "Vec<OrderView>", name = "", error)]
pub struct ListOrders {
    #[cqrs(id)]
    pub user: Uuid,
    #[cqrs(index)]
    pub page: u32,
}

#[projection(event = OrderEvent, ignore(Paid))]
impl OrderView {
    #[on(Placed)]
    fn placed(number: u64) -> Self {
        Self { number }
    }

    #[handle]
    async fn list(orders: &Views<Self>, _: ListOrders) -> Result<Vec<Self>, QueryError> {
        orders.all().rows().await
    }
}

fn main() {}
