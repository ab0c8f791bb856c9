use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique, taken = UserError::EmailExists)]
        email: String,
    },
    Renamed {
        id: Uuid,
        name: String,
    },
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

#[derive(Debug)]
pub enum UserError {
    NotFound(Uuid),
    EmailExists(String),
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

pub async fn run(engine: Engine, id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    match engine.execute(CreateUser { id, email: "ann@example.com".into() }).await {
        Err(CommandError::Rejected(UserError::EmailExists(email))) => println!("{email} is taken"),
        Err(_) => println!("refused"),
        Ok(created) => println!("created {}", created.result),
    }
    engine.execute(RenameUser { id, name: "Ann".into() }).await?;
    Ok(())
}

fn main() {}
