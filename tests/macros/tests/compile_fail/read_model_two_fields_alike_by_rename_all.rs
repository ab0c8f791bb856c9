use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    #[serde(rename = "createdAt")]
    pub made: DateTime<Utc>,
}

fn main() {}
