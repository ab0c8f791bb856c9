use cqrs::prelude::*;

#[derive(Debug)]
pub struct NotCounted;

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u32, error = NotCounted)]
pub struct CountUsers;

fn main() {}
