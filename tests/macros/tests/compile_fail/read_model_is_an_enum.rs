use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub enum UserView {
    Active { id: Uuid },
    Closed { id: Uuid },
}

fn main() {}
