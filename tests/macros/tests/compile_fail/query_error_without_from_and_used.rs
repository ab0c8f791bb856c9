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
#[cqrs(model = UserView, result = UserView, error = UserQueryError)]
pub struct GetUser {
    pub id: Uuid,
}

#[derive(Debug, thiserror::Error)]
pub enum UserQueryError {
    #[error("no such user")]
    NotFound,
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
    async fn get(users: &Views<Self>, query: GetUser) -> Result<Self, UserQueryError> {
        users.get(&query.id).await?.ok_or(UserQueryError::NotFound)
    }
}

async fn run(engine: Engine) -> Result<(), UserQueryError> {
    let user = engine.query(GetUser { id: Uuid::nil() }).await?;
    drop(user);
    Ok(())
}

fn main() {}
