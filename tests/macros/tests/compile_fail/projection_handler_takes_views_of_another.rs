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

#[derive(Serialize, Deserialize, ReadModel)]
pub struct UserName {
    #[cqrs(key)]
    pub id: Uuid,
    pub name: String,
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
    async fn get(users: &Views<UserName>, query: GetUser) -> Result<Option<Self>, QueryError> {
        let name = users.get(&query.id).await?;
        Ok(name.map(|name| Self { id: query.id, email: name.name, orders: 0 }))
    }
}

fn main() {}
