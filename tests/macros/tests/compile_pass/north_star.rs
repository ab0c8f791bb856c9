//! The program of the design, as a user writes it.
#![allow(missing_docs, reason = "a program, not a library")]

use cqrs::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique, taken = UserError::EmailExists)]
        email: String,
        name: String,
        created_at: DateTime<Utc>,
    },
    ProfileUpdated {
        id: Uuid,
        name: Option<String>,
        bio: Option<String>,
        updated_at: DateTime<Utc>,
    },
    Deactivated {
        id: Uuid,
        reason: String,
        deactivated_at: DateTime<Utc>,
    },
    Reactivated {
        id: Uuid,
        reactivated_at: DateTime<Utc>,
    },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User, result = Uuid)]
pub struct CreateUser {
    #[cqrs(id)]
    pub id: Uuid,
    pub email: String,
    pub name: String,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct UpdateUserProfile {
    #[cqrs(id)]
    pub user_id: Uuid,
    pub name: Option<String>,
    pub bio: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct DeactivateUser {
    #[cqrs(id)]
    pub user_id: Uuid,
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("user not found: {0}")]
    NotFound(Uuid),
    #[error("email already exists: {0}")]
    EmailExists(String),
    #[error("invalid email format")]
    InvalidEmail,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    active: bool,
}

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound)]
impl User {
    #[handle]
    fn create(command: CreateUser, ctx: &Context) -> Result<(UserEvent, Uuid), UserError> {
        if !command.email.contains('@') {
            return Err(UserError::InvalidEmail);
        }
        let CreateUser { id, email, name } = command;
        Ok((UserEvent::Created { id, email, name, created_at: ctx.now() }, id))
    }

    #[handle]
    fn update_profile(&self, command: UpdateUserProfile, ctx: &Context) -> Result<UserEvent, UserError> {
        let UpdateUserProfile { user_id: id, name, bio } = command;
        Ok(UserEvent::ProfileUpdated { id, name, bio, updated_at: ctx.now() })
    }

    #[handle]
    fn deactivate(&self, command: DeactivateUser, ctx: &Context) -> Result<Option<UserEvent>, UserError> {
        Ok(self.active.then(|| UserEvent::Deactivated {
            id: command.user_id,
            reason: command.reason,
            deactivated_at: ctx.now(),
        }))
    }

    #[on(Created)]
    fn created() -> Self {
        Self { active: true }
    }

    #[on(ProfileUpdated)]
    fn profile_updated(&mut self) {}

    #[on(Deactivated)]
    fn deactivated(&mut self) {
        self.active = false;
    }

    #[on(Reactivated)]
    fn reactivated(&mut self) {
        self.active = true;
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub email: String,
    pub name: String,
    pub bio: Option<String>,
    #[cqrs(index)]
    pub is_active: bool,
    #[cqrs(index)]
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = UserView, error = UserQueryError)]
pub struct GetUserById {
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Vec<UserView>)]
pub struct ListActiveUsers {
    pub page: u32,
    pub page_size: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum UserQueryError {
    #[error("user not found")]
    NotFound,
    #[error(transparent)]
    Query(#[from] QueryError),
}

#[projection(event = UserEvent)]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String, name: String, created_at: DateTime<Utc>) -> Self {
        Self { id, email, name, bio: None, is_active: true, created_at, updated_at: created_at }
    }

    #[on(ProfileUpdated)]
    fn profile_updated(&mut self, name: Option<String>, bio: Option<String>, updated_at: DateTime<Utc>) {
        if let Some(name) = name {
            self.name = name;
        }
        if bio.is_some() {
            self.bio = bio;
        }
        self.updated_at = updated_at;
    }

    #[on(Deactivated)]
    fn deactivated(&mut self, deactivated_at: DateTime<Utc>) {
        self.is_active = false;
        self.updated_at = deactivated_at;
    }

    #[on(Reactivated)]
    fn reactivated(&mut self, reactivated_at: DateTime<Utc>) {
        self.is_active = true;
        self.updated_at = reactivated_at;
    }

    #[handle]
    async fn by_id(users: &Views<Self>, query: GetUserById) -> Result<Self, UserQueryError> {
        users.get(&query.id).await?.ok_or(UserQueryError::NotFound)
    }

    #[handle]
    async fn active(users: &Views<Self>, query: ListActiveUsers) -> Result<Vec<Self>, QueryError> {
        users.filter(Self::IS_ACTIVE.eq(true)).order_by(Self::CREATED_AT).page(query.page, query.page_size).await
    }
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Uuid, error = RegistrationError)]
pub struct RegisterUser {
    pub email: String,
}

#[derive(Debug, thiserror::Error)]
#[error("registration failed: {0}")]
pub struct RegistrationError(String);

impl From<CommandError<UserError>> for RegistrationError {
    fn from(error: CommandError<UserError>) -> Self {
        Self(error.to_string())
    }
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct CountActiveUsers;

pub struct Registration {
    engine: Engine,
}

#[command_handlers]
impl Registration {
    #[handle]
    async fn register(&self, command: RegisterUser, ctx: &Context) -> Result<Uuid, RegistrationError> {
        let id = ctx.new_id();
        let name = command.email.clone();
        Ok(self.engine.execute(CreateUser { id, email: command.email, name }).await?.result)
    }
}

pub struct Reports {
    engine: Engine,
}

#[query_handlers]
impl Reports {
    #[handle]
    async fn count_active(&self, _query: CountActiveUsers) -> Result<u64, QueryError> {
        Ok(self.engine.query(ListActiveUsers { page: 1, page_size: 100 }).await?.len() as u64)
    }
}

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    registration: Registration,
    reports: Reports,
}

pub async fn run(engine: Engine, app: App) -> Result<(), Box<dyn std::error::Error>> {
    let id = Uuid::now_v7();
    let created = engine.execute(CreateUser { id, email: "alice@example.com".into(), name: "Alice".into() }).await?;
    let user = engine.query(GetUserById { id }).after(&created).await?;
    println!("{user:#?}");
    app.execute(DeactivateUser { user_id: id, reason: "left".into() }).await?;
    let registered = app.execute(RegisterUser { email: "bob@example.com".into() }).await?;
    println!("{}", app.query(CountActiveUsers).after(&registered).await?);
    Ok(())
}

fn main() {
    let mut user = None;
    let now = Context::new().now();
    let event = UserEvent::Created { id: Uuid::nil(), email: String::new(), name: String::new(), created_at: now };
    assert!(<User as Aggregate>::creates(&event));
    User::apply(&mut user, event).unwrap();
    let command = DeactivateUser { user_id: Uuid::nil(), reason: "left".into() };
    let (events, ()) =
        <User as cqrs::Decide<DeactivateUser>>::decide(user.as_ref(), &command, &Context::new()).unwrap();
    for event in events {
        User::apply(&mut user, event).unwrap();
    }
    assert!(!user.unwrap().active);
}
