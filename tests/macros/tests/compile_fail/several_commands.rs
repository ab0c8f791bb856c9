#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Order)]
pub struct ShipOrder {
    pub number: u64,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregat = Order)]
pub struct PackOrder {
    #[cqrs(id)]
    pub number: u64,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = "order")]
pub struct ReturnOrder {
    #[cqrs(id = true)]
    pub number: u64,
}

#[derive(Debug, Clone, Deserialize, Command)]
pub enum ChangeOrder {
    Faster { number: u64 },
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(PlaceOrder { number: 1, user: Uuid::nil() }).await;
}

fn main() {}
