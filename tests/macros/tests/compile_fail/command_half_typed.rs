#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Clone, Command)]
#[cqrs(aggregate = Order)]
pub struct PlaceTwice {
    #[cqrs(id)]
    pub number: u64,
    pub user: ,
}

fn handled<C: cqrs::AggregateCommand>(_: fn(C)) {}

fn run() {
    handled(|_: PlaceTwice| {});
}

fn main() {}
