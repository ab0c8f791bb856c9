use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[serde(skip_serializing)]
        email: Option<String>,
    },
    #[serde(skip)]
    Renamed { id: Uuid, name: String },
    Closed { id: Uuid },
}

fn main() {}
