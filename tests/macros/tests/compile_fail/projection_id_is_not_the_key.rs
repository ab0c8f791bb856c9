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

#[projection(event = OrderEvent)]
impl UserView {
    #[on(Placed, Paid)]
    fn ordered() -> Self {
        Self { id: Uuid::nil(), email: String::new(), orders: 1 }
    }
}

fn main() {}
