#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub at: u64,
}

#[projection(event = UserEvent, ignore(Renamed, Closed))]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, #[recorded(position)] event: &cqrs::RecordedEvent) -> Self {
        Self { id, at: event.position.0 }
    }
}

fn main() {}
