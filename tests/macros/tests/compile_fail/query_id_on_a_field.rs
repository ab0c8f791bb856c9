use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct GetUser {
    #[cqrs(id)]
    pub id: Uuid,
}

fn main() {}
