use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user")]
pub enum UserEvent {
    Created {
        #[cqrs(id = true)]
        user_id: Uuid,
    },
}

fn main() {}
