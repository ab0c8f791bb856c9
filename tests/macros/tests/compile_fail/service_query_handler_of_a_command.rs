#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

pub struct Reports;

#[query_handlers]
impl Reports {
    #[handle]
    async fn place(&self, query: PlaceOrder) -> Result<(), QueryError> {
        drop(query);
        Ok(())
    }
}

fn main() {}
