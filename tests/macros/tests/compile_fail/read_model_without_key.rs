use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
}

fn main() {}
