use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView<T> {
    #[cqrs(key)]
    pub id: Uuid,
    pub value: T,
}

fn main() {}
