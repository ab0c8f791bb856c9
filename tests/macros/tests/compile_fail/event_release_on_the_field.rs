use cqrs::prelude::*;

#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    #[error("the card is another reader's")]
    CardTaken,
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "reader", id = id)]
pub enum ReaderEvent {
    Joined {
        id: Uuid,
        #[cqrs(unique)]
        card: String,
    },
    Left {
        id: Uuid,
        #[cqrs(release)]
        card: String,
    },
}

fn main() {}
