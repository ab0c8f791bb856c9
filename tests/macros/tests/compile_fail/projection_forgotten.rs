use cqrs::{EngineBuilder, StartError, prelude::*};

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct FindUser {
    pub id: Uuid,
}

impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email }
    }

    #[handle]
    async fn find(users: &Views<Self>, query: FindUser) -> Result<Option<Self>, QueryError> {
        users.get(&query.id).await
    }
}

pub async fn start(builder: EngineBuilder) -> Result<Engine, StartError> {
    builder.projection::<UserView>().start().await
}

pub async fn run(engine: Engine, id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(user) = engine.query(FindUser { id }).await? {
        println!("{}", user.email);
    }
    Ok(())
}

fn main() {}
