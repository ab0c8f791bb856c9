#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Dispatcher)]
#[cqrs(create = ::cqrs, name = "app")]
pub struct App {
    engine: Engine,
    #[cqrs(skip = true)]
    title: String,
    #[cqrs(ignore)]
    version: u32,
}

pub async fn run(app: App) {
    let _ = app.execute(PlaceOrder { number: 1, user: Uuid::nil() }).await;
    let _ = (app.title, app.version);
}

fn main() {}
