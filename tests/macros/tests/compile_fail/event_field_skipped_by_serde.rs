use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "book", id = id)]
pub enum BookEvent {
    Lent {
        id: Uuid,
        #[serde(skip)]
        reader: String,
    },
    Returned {
        id: Uuid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

fn main() {}
