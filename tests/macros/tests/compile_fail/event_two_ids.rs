use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user")]
pub enum UserEvent {
    Created {
        #[cqrs(id)]
        id: Uuid,
        #[cqrs(id)]
        by: Uuid,
    },
}

fn main() {}
