#[path = "../domain/mod.rs"]
mod domain;

use cqrs::prelude::*;
use domain::*;

#[derive(Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users", columns(email = "String", name = "String"))]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
    pub name: String,
}

#[derive(Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct UserByEmail {
    pub email: String,
}

#[projection(event = UserEvent)]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email, name: String::new() }
    }

    #[on(Renamed)]
    fn renamed(&mut self, name: String) {
        self.name = name;
    }

    #[on(Closed)]
    fn closed(&mut self) -> Change {
        Change::Delete
    }

    #[handle]
    async fn by_email(users: &Views<Self>, query: UserByEmail) -> Result<Option<Self>, QueryError> {
        users.filter(Self::EMAIL.eq(query.email)).first().await
    }
}

async fn find(engine: &Engine, email: String) -> Result<Option<UserView>, QueryError> {
    engine.query(UserByEmail { email }).await
}

fn main() {}
