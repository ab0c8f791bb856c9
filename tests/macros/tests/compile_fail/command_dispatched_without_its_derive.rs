use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize)]
pub struct CreateUser {
    pub id: Uuid,
}

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
}

async fn run(app: &App) {
    let _ = app.execute(CreateUser { id: Uuid::nil() }).await;
}

fn main() {}
