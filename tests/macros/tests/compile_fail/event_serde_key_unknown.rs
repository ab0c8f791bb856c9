use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
#[serde(rename_al = "camelCase")]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
