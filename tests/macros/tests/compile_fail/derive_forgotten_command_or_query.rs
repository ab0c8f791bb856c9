use cqrs::prelude::*;

#[derive(Debug, Clone, Deserialize)]
#[cqrs(result = u64)]
pub struct CountUsers;

fn main() {}
