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

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct GetUser {
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = u64)]
pub struct CountUsers;

#[projection(event = UserEvent, name = "users", ignores(Closed))]
impl UserView {
    #[setup]
    async fn tables() {}

    #[on(Created, or_insert = Self::new)]
    fn created(id: Uuid) -> Self {
        Self { id, name: String::new() }
    }

    #[on(OrderEvent::Paid)]
    fn paid(&mut self) {}

    #[on(Renamed, key = "id")]
    fn renamed(&self, name: String, #[recorded] at: DateTime<Utc>) {
        let _ = (name, at);
    }

    #[handle]
    async fn by_id(&self, query: GetUser) -> Result<Option<Self>, QueryError> {
        drop(query);
        Ok(None)
    }

    #[handle]
    fn count(users: Views<Self>, _: CountUsers) -> Result<u64, QueryError> {
        drop(users);
        Ok(0)
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.query(GetUser { id: Uuid::nil() }).await;
    let _ = engine.query(CountUsers).await;
}

fn main() {}
