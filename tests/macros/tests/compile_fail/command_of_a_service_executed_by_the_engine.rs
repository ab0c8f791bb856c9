use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = u32)]
pub struct Register;

async fn run(engine: Engine) {
    let _ = engine.execute(Register).await;
}

fn main() {}
