use cqrs::prelude::*;

#[derive(Serialize, Deserialize, ReadModel)]
pub struct BookView {
    #[cqrs(key)]
    #[serde(skip_serializing, default)]
    pub id: Uuid,
    #[serde(skip)]
    pub cached: Option<String>,
}

fn main() {}
