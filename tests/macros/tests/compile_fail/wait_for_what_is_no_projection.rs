#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub async fn wait(engine: &Engine) -> Result<(), QueryError> {
    engine.wait_for::<Order>().await
}

fn main() {}
