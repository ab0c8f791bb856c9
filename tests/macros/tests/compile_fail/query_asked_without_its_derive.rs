use cqrs::prelude::*;

#[derive(Debug, Deserialize)]
pub struct GetUser {
    pub id: Uuid,
}

async fn run(engine: Engine) {
    let _ = engine.query(GetUser { id: Uuid::nil() }).await;
}

fn main() {}
