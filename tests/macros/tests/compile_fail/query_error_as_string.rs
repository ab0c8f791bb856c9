use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64, error = "QueryError")]
pub struct GetUser {
    pub id: Uuid,
}

fn main() {}
