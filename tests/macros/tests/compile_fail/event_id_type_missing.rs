use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Created {
    pub id: Uuid,
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created(Created),
}

fn main() {}
