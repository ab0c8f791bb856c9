#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Order, result = "u64", error = OrderError, name = "ship order")]
pub struct ShipOrder {
    #[cqrs(id)]
    pub number: u64,
    #[cqrs(id)]
    pub user: Uuid,
    #[cqrs(unique)]
    pub address: String,
}

fn main() {
    let ship = ShipOrder { number: 1, user: Uuid::nil(), address: String::new() };
    assert_eq!((ship.aggregate_id(), ShipOrder::COMMAND_NAME), (&1, "ship_order"));
}
