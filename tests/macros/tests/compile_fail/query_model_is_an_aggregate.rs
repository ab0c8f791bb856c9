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
#[cqrs(model = Order, result = Option<UserView>)]
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
    async fn get(users: &Views<Self>, query: GetUser) -> Result<Option<Self>, QueryError> {
        users.get(&query.id).await
    }
}

async fn run(engine: Engine) -> Result<(), QueryError> {
    let user = engine.query(GetUser { id: Uuid::nil() }).await?;
    drop(user);
    Ok(())
}

fn main() {}
