use cqrs::prelude::*;

#[path = "../domain/mod.rs"]
mod domain;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = u64)]
pub struct ShipOrder {
    #[cqrs(aggregate = domain::Order)]
    pub number: u64,
}

fn main() {}
