#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
    pub orders: u64,
}

#[derive(Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct GetUser {
    pub id: Uuid,
}

#[projection(events(UserEvent, old::UserEvent))]
impl UserView {
    #[on(UserEvent::Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email, orders: 0 }
    }

    #[on(UserEvent::Renamed, UserEvent::Closed)]
    fn changed(&mut self) {}
}

mod old {
    pub use super::domain::OrderEvent as UserEvent;
}

fn main() {}
