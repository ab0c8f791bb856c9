use cqrs::prelude::*;

#[derive(Debug, Query)]
#[cqrs(result = u64)]
pub struct CountUsers<'a> {
    pub city: &'a str,
}

fn main() {}
