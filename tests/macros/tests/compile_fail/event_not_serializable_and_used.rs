use cqrs::prelude::*;

#[derive(Debug, Clone, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

#[derive(Debug, thiserror::Error)]
#[error("no")]
pub struct UserError;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct CreateUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub email: String,
}

pub struct User;

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<UserEvent, UserError> {
        Ok(UserEvent::Created { id: command.id, email: command.email })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct GetUser {
    pub id: Uuid,
}

#[projection(event = UserEvent)]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email }
    }

    #[handle]
    async fn by_id(users: &Views<Self>, query: GetUser) -> Result<Option<Self>, QueryError> {
        users.get(&query.id).await
    }
}

async fn run(builder: cqrs::EngineBuilder) {
    let engine = builder.aggregate::<User>().projection::<UserView>().start().await.unwrap();
    let created = engine.execute(CreateUser { id: Uuid::nil(), email: String::new() }).await.unwrap();
    let _ = engine.query(GetUser { id: Uuid::nil() }).after(&created).await;
}

fn main() {}
