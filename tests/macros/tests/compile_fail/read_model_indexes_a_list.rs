use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub tags: Vec<String>,
}

fn main() {}
