use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(key)]
    pub user: Uuid,
    #[cqrs(key)]
    pub order: Uuid,
}

fn main() {}
