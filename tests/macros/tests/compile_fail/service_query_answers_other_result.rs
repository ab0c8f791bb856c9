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
    async fn count(&self, query: CountUsers) -> Result<String, QueryError> {
        drop(query);
        Ok(String::new())
    }
}

fn main() {}
