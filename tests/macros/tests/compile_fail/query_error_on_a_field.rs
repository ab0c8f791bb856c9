use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct GetUser {
    #[cqrs(error = QueryError)]
    pub id: Uuid,
}

fn main() {}
