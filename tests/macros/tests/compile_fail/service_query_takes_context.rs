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

#[query_handlers]
impl Registration {
    #[handle]
    async fn count(&self, query: CountUsers, ctx: &Context) -> Result<u64, QueryError> {
        drop((query, ctx));
        Ok(1)
    }
}

fn main() {}
