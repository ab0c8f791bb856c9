use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct GetUser {
    #[cqrs(crate = ::cqrs)]
    pub id: Uuid,
}

fn main() {}
