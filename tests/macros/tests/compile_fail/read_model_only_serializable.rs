use cqrs::prelude::*;

#[derive(Debug, Serialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
}

fn main() {}
