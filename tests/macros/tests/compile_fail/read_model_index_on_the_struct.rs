use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(index(email))]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
}

fn main() {}
