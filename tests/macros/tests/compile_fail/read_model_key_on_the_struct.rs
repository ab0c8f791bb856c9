use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(key = id)]
pub struct UserView {
    pub id: Uuid,
    pub email: String,
}

fn main() {}
