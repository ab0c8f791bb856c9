use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(key, index)]
    pub id: Uuid,
}

fn main() {}
