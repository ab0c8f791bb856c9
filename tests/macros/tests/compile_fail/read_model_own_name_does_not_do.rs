use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct Übersicht {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
}

fn main() {}
