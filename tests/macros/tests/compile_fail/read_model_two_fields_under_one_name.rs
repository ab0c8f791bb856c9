use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
    #[serde(rename = "email")]
    pub second: String,
}

fn main() {}
