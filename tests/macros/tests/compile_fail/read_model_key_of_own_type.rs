use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserId(Uuid);

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: UserId,
}

fn main() {}
