use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView<'a> {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: &'a str,
}

fn main() {}
