use cqrs::prelude::*;

pub struct Tables;

impl Tables {
    #[setup]
    async fn setup() {}
}

fn main() {}
