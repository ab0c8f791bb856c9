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
    fn created(id: Uuid) -> Self {
        Self { id, name: String::new() }
    }

    #[on(Renamed, Closed)]
    fn changed(&mut self) {
        self.name.clear();
    }

    #[handle]
    async fn by_id(query: &GetUser, users: &Views<Self>) -> Result<Option<Self>, QueryError> {
        users.get(&query.id).await
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.query(GetUser { id: Uuid::nil() }).await;
}

fn main() {}
