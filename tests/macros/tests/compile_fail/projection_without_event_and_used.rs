#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;

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

#[projection(follows = domain::UserEvent)]
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
    async fn by_id(users: &Views<Self>, query: GetUser) -> Result<Option<Self>, QueryError> {
        users.get(&query.id).await
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.query(GetUser { id: Uuid::nil() }).await;
}

fn main() {}
