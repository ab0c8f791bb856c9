use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64, crate = ::cqrs, crate = cqrs)]
pub struct GetUser {
    pub id: Uuid,
}

fn main() {}
