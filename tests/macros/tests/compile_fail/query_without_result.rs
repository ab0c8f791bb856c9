use cqrs::prelude::*;

#[derive(Debug, Deserialize, Query)]
pub struct CountUsers {
    pub active: bool,
}

fn main() {}
