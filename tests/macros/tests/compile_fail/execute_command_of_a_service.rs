#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Clone, Deserialize, Command)]
#[cqrs(error = UserError)]
pub struct Invite {
    pub email: String,
}

async fn run(engine: Engine) {
    let _ = engine.execute(Invite { email: String::new() }).await;
}

fn main() {}
