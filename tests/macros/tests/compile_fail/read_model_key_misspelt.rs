use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(kee)]
    pub id: Uuid,
}

fn main() {}
