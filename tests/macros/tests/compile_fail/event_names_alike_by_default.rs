use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    HTTPMoved { id: Uuid },
    HttpMoved { id: Uuid },
}

fn main() {}
