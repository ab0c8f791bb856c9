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

#[projection(event = UserEvent, ignore(Renamed))]
impl UserView {
    #[on(Created)]
    fn created(&mut self, email: String) {
        self.email = email;
    }

    #[on(Closed)]
    fn closed(&mut self) -> Change {
        Change::Delete
    }
}

fn main() {}
