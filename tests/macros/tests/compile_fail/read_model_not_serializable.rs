use cqrs::prelude::*;

#[derive(Debug, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
}

fn main() {}
