#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub name: String,
}

#[projection(event = UserEvent, ignore(Closed))]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, name: email }
    }

    #[on(Renamed)]
    fn renamed(&mut self, event: &UserEvent) {
        if let UserEvent::Renamed { name, .. } = event {
            self.name.clone_from(name);
        }
    }
}

fn main() {}
