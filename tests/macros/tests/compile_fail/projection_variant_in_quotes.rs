#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
}

#[projection(event = UserEvent, ignore(Closed))]
impl UserView {
    #[on("Created")]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email }
    }

    #[on(Renamed)]
    fn renamed(&mut self) {}
}

fn main() {}
