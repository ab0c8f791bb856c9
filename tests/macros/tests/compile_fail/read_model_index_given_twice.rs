use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index, index)]
    pub email: String,
}

fn main() {}
