#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::{OrderError, PlaceOrder};

async fn place(engine: &Engine, command: PlaceOrder) -> Result<(), CommandError<OrderError>> {
    engine.execute(command)?;
    Ok(())
}

fn main() {}
