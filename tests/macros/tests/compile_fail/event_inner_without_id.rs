use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id, id_type = Uuid)]
pub enum UserEvent {
    Created(Created),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Created {
    pub user_id: Uuid,
}

fn main() {}
