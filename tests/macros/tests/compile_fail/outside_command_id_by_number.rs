use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Order, id = 0)]
pub struct Cancel(pub u64);

#[path = "../domain/mod.rs"]
mod domain;
use domain::Order;

fn main() {}
