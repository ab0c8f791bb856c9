use cqrs::prelude::*;

#[cqrs(result = u64)]
#[derive(Debug, Clone, Deserialize, Query)]
pub struct CountUsers;

fn main() {}
