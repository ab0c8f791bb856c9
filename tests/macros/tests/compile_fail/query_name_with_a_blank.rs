use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64, name = "get user")]
pub struct GetUser {
    pub id: Uuid,
}

fn main() {}
