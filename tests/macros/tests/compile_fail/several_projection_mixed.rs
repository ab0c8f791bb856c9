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

#[projection(events(UserEvent, OrderEvent))]
impl UserView {
    #[on(UserEvent::Created)]
    fn created(id: u64) -> Self {
        Self { id: Uuid::from_u64_pair(0, id), name: String::new() }
    }

    #[on(UserEvent::Renamed)]
    fn renamed(&self, name: String) {
        drop(name);
    }

    #[on(OrderEvent::Placed, key = number)]
    fn ordered(&mut self) {}

    #[on(OrderEvent::Paid, key = user, or_insert = Self::unknown)]
    fn paid() -> Self {
        Self { id: Uuid::nil(), name: String::new() }
    }

    #[handle]
    async fn by_id(users: &Views<Self>, query: GetUser) -> Result<Self, QueryError> {
        users.get(&query.id).await.map(Option::unwrap)
    }

    #[handle]
    fn count(users: &Views<Self>, _: CountUsers) -> Result<u64, QueryError> {
        let _ = users;
        Ok(0)
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.query(GetUser { id: Uuid::nil() }).await;
    let _ = engine.query(CountUsers).await;
}

fn main() {}
