use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    #[cqrs(release(email))]
    Created {
        id: Uuid,
        #[cqrs(unique)]
        email: String,
    },
}

fn main() {}
