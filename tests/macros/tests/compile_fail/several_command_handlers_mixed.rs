#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = UserError)]
pub struct Register {
    pub email: String,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(error = UserError)]
pub struct Remind;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(error = UserError)]
pub struct Forget;

pub struct Registration;

#[command_handlers]
impl Registration {
    #[handle]
    fn register(&self, command: Register, ctx: &Context) -> Result<String, UserError> {
        let _ = ctx;
        Ok(command.email)
    }

    #[handle]
    async fn remind(&self, _: Remind) -> Result<(), OrderError> {
        Err(OrderError)
    }

    #[handle]
    async fn forget(&self, _: Forget, ctx: &Context) {
        let _ = ctx;
    }
}

#[derive(Dispatcher)]
pub struct App {
    registration: Registration,
}

pub async fn run(app: App) {
    let _ = app.execute(Register { email: String::new() }).await;
    let _ = app.execute(Remind).await;
    let _ = app.execute(Forget).await;
}

fn main() {}
