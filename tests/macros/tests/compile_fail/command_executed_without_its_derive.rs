use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize)]
pub struct CreateUser {
    pub id: Uuid,
}

async fn run(engine: Engine) {
    let _ = engine.execute(CreateUser { id: Uuid::nil() }).await;
}

fn main() {}
