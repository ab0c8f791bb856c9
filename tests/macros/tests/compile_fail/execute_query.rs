#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountUsers;

async fn run(engine: Engine) {
    let _ = engine.execute(CountUsers).await;
}

fn main() {}
