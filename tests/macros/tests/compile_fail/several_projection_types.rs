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

#[projection(event = UserEvent)]
impl UserView {
    #[on(Created)]
    fn created(id: u64) -> Self {
        Self { id: Uuid::from_u64_pair(0, id), name: String::new() }
    }

    #[on(Renamed, key = name)]
    fn renamed(&mut self, name: String) {
        self.name = name;
    }

    #[on(Closed)]
    fn closed(&mut self, reason: String) {
        self.name = reason;
    }

    #[handle]
    async fn by_id(users: &Views<Self>, query: GetUser) -> Result<Self, QueryError> {
        users.get(&query.id).await.map(Option::unwrap)
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.query(GetUser { id: Uuid::nil() }).await;
}

fn main() {}
