use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(agregate = "user", id = "id")]
pub enum UserEvent {
    #[cqrs(name = created)]
    Created {
        id: Uuid,
        #[cqrs(unique = true)]
        email: String,
    },
    #[cqrs(release)]
    Closed { id: Uuid },
}

fn main() {}
