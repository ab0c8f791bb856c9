#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = UserError)]
pub struct Register {
    pub email: String,
}

#[derive(Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountUsers;

pub struct Registration;

#[command_handlers]
impl Registration {
    #[handle]
    async fn register(&self, ctx: &Context, command: Register) -> Result<Uuid, UserError> {
        drop(command);
        Ok(ctx.new_id())
    }
}

fn main() {}
