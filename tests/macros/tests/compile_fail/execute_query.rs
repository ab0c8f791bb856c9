use cqrs::prelude::*;

#[derive(Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountUsers;

async fn run(engine: Engine) {
    let _ = engine.execute(CountUsers).await;
}

fn main() {}
