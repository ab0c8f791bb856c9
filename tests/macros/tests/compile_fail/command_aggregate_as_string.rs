use cqrs::prelude::*;

#[path = "../domain/mod.rs"]
mod domain;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = "Order")]
pub struct ShipOrder {
    #[cqrs(id)]
    pub number: u64,
}

fn main() {}
