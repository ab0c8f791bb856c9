use cqrs::{EngineBuilder, StartError, prelude::*};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
    Renamed { id: Uuid, name: String },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User, result = Uuid)]
pub struct CreateUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub email: String,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct RenameUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("user not found: {0}")]
    NotFound(Uuid),
}

pub struct User;

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound)]
impl User {
    #[handle]
    fn create(command: CreateUser) -> Result<(UserEvent, Uuid), UserError> {
        let CreateUser { id, email } = command;
        Ok((UserEvent::Created { id, email }, id))
    }

    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, UserError> {
        let RenameUser { id, name } = command;
        Ok(UserEvent::Renamed { id, name })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Renamed)]
    fn renamed(&mut self) {}
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    pub email: String,
}

#[projection(event = UserEvent, ignore(Renamed))]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String) -> Self {
        Self { id, email }
    }
}

pub async fn start(builder: EngineBuilder) -> Result<Engine, StartError> {
    builder.aggregate::<User>().projection::<UserView>().start().await
}

pub async fn run(engine: Engine, id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    let created = engine.execute(CreateUser { id, email: "ann@example.com".into() }).await?;
    match engine.execute(RenameUser { id: created.result, name: "Ann".into() }).await {
        Err(CommandError::Rejected(UserError::NotFound(id))) => println!("there is no {id}"),
        renamed => println!("version {}", renamed?.version),
    }
    Ok(())
}

fn main() {}
