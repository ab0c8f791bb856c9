use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = u32)]
pub struct Register;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u32)]
pub struct CountUsers;

pub struct Registration;

#[command_handlers]
impl Registration {
    #[handle]
    async fn register(&self, _command: Register) -> Result<u32, std::convert::Infallible> {
        Ok(7)
    }
}

#[derive(Debug, Clone, Deserialize, Command)]
pub struct Unregister;

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    registration: Registration,
}

async fn run(app: &App) {
    let _ = app.execute(Unregister).await;
}

fn main() {}
