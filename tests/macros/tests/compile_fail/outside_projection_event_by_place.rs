#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::OrderEvent;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "orders")]
pub struct OrderView {
    #[cqrs(key)]
    pub number: u64,
}

#[projection(OrderEvent)]
impl OrderView {
    #[on(Placed)]
    fn placed(number: u64) -> Self {
        Self { number }
    }

    #[on(Paid)]
    fn paid(&mut self) {}
}

fn main() {}
