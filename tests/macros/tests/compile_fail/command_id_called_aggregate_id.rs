use cqrs::prelude::*;
use domain::Order;

#[path = "../domain/mod.rs"]
mod domain;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Order)]
pub struct ShipOrder {
    #[cqrs(aggregate_id)]
    pub number: u64,
}

fn main() {}
