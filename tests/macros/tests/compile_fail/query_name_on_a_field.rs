use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct GetUser {
    #[cqrs(name = "user_id")]
    pub id: Uuid,
}

fn main() {}
