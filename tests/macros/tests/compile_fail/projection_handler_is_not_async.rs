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

#[projection(event = UserEvent)]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email, orders: 0 }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {}

    #[handle]
    fn get(users: &Views<Self>, query: GetUser) -> Result<Option<Self>, QueryError> {
        users.get(&query.id).await
    }
}

fn main() {}
