use cqrs::prelude::*;

impl From<String> for UserEvent {
    fn from(email: String) -> Self {
        Self::Created { id: Uuid::nil(), email }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
#[serde(from = "String")]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
