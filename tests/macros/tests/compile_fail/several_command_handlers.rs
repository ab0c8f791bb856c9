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

pub struct Registration;

#[command_handlers(event = UserEvent)]
impl Registration {
    #[handle]
    fn register(&self, ctx: &Context, command: Register) -> Result<Uuid, UserError> {
        drop(command);
        Ok(ctx.new_id())
    }

    #[handle]
    async fn remind(_: Remind, mailer: String, at: u64) -> Result<(), UserError> {
        let _ = (mailer, at);
        Ok(())
    }

    #[handle]
    #[handle]
    async fn remind_again(&mut self, _: Remind) -> Result<(), UserError> {
        Ok(())
    }

    #[on(Created)]
    fn created(&mut self) {}
}

#[derive(Dispatcher)]
pub struct App {
    registration: Registration,
}

pub async fn run(app: App) {
    let _ = app.execute(Register { email: String::new() }).await;
    let _ = app.execute(Remind).await;
}

fn main() {}
