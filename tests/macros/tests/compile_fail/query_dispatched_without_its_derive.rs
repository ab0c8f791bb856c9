use cqrs::prelude::*;

#[derive(Debug, Deserialize)]
pub struct GetUser {
    pub id: Uuid,
}

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
}

async fn run(app: &App) {
    let _ = app.query(GetUser { id: Uuid::nil() }).await;
}

fn main() {}
