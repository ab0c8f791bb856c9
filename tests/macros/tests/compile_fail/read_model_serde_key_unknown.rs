use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[serde(rename_al = "camelCase")]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
}

fn main() {}
