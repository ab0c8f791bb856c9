//! Users who register, change their profile and leave: `cargo run --example users [file]`. Run it twice: it goes on.
//! On a server: `cargo run --features postgres --example users postgres://role:password@host/database`.
#![allow(missing_docs)]
#![cfg_attr(rustfmt, rustfmt_skip)] // laid out like a page of a book

use cqrs::{EngineBuilder, prelude::*, sqlite::SqliteStore};

// Facts. Names, ids and constraints are declared where the data is.
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
    ProfileUpdated { id: Uuid, name: Option<String>, bio: Option<String>, updated_at: DateTime<Utc> },
    Deactivated    { id: Uuid, reason: String, deactivated_at: DateTime<Utc> },
    Reactivated    { id: Uuid, reactivated_at: DateTime<Utc> },
}

#[derive(Debug, Clone, Deserialize, Command)] // intentions
#[cqrs(aggregate = User, result = Uuid)]
pub struct CreateUser { #[cqrs(id)] pub id: Uuid, pub email: String, pub name: String }

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct UpdateUserProfile { #[cqrs(id)] pub user_id: Uuid, pub name: Option<String>, pub bio: Option<String> }

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct DeactivateUser { #[cqrs(id)] pub user_id: Uuid, pub reason: String }

#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("user not found: {0}")] NotFound(Uuid),
    #[error("email already exists: {0}")] EmailExists(String),
    #[error("invalid email format")] InvalidEmail,
}

// The write side. `#[handle]` decides, `#[on]` remembers; without a receiver they bring a user to life.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User { active: bool }

#[aggregate(event = UserEvent, error = UserError, not_found = UserError::NotFound)]
impl User {
    #[handle]
    fn create(command: CreateUser, ctx: &Context) -> Result<(UserEvent, Uuid), UserError> {
        if !command.email.contains('@') { return Err(UserError::InvalidEmail) }
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
        let DeactivateUser { user_id: id, reason } = command;
        Ok(self.active.then(|| UserEvent::Deactivated { id, reason, deactivated_at: ctx.now() }))
    }

    #[on(Created)] fn created() -> Self { Self { active: true } }
    #[on(ProfileUpdated)] fn profile_updated(&mut self) {}
    #[on(Deactivated)] fn deactivated(&mut self) { self.active = false }
    #[on(Reactivated)] fn reactivated(&mut self) { self.active = true }
}

// The read side. Event fields arrive by name; `&mut self` is the row, loaded and saved around the call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "users")]
pub struct UserView {
    #[cqrs(key)] pub id: Uuid,
    #[cqrs(index)] pub email: String,
    pub name: String,
    pub bio: Option<String>,
    #[cqrs(index)] pub is_active: bool,
    #[cqrs(index)] pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = UserView, error = UserQueryError)]
pub struct GetUserById { pub id: Uuid }

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Option<UserView>)]
pub struct FindUserByEmail { pub email: String }

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = UserView, result = Vec<UserView>)]
pub struct ListActiveUsers { pub page: u32, pub page_size: u32 }

#[derive(Debug, thiserror::Error)]
pub enum UserQueryError {
    #[error("no such user")] NotFound,
    #[error(transparent)] Query(#[from] QueryError),
}

#[projection(event = UserEvent)]
impl UserView {
    #[on(Created)]
    fn created(id: Uuid, email: String, name: String, created_at: DateTime<Utc>) -> Self {
        Self { id, email, name, bio: None, is_active: true, created_at, updated_at: created_at }
    }
    #[on(ProfileUpdated)]
    fn profile_updated(&mut self, name: Option<String>, bio: Option<String>, updated_at: DateTime<Utc>) {
        if let Some(name) = name { self.name = name }
        if bio.is_some() { self.bio = bio }
        self.updated_at = updated_at;
    }
    #[on(Deactivated)]
    fn deactivated(&mut self, deactivated_at: DateTime<Utc>) { (self.is_active, self.updated_at) = (false, deactivated_at) }
    #[on(Reactivated)]
    fn reactivated(&mut self, reactivated_at: DateTime<Utc>) { (self.is_active, self.updated_at) = (true, reactivated_at) }

    #[handle]
    async fn by_id(users: &Views<Self>, query: GetUserById) -> Result<Self, UserQueryError> {
        users.get(&query.id).await?.ok_or(UserQueryError::NotFound)
    }
    #[handle]
    async fn by_email(users: &Views<Self>, query: FindUserByEmail) -> Result<Option<Self>, QueryError> {
        users.filter(Self::EMAIL.eq(query.email)).first().await
    }
    #[handle]
    async fn active(users: &Views<Self>, query: ListActiveUsers) -> Result<Vec<Self>, QueryError> {
        users.filter(Self::IS_ACTIVE.eq(true)).order_by(Self::CREATED_AT).page(query.page, query.page_size).await
    }
}

/// The store is the line to change: a file here, a server there.
async fn store(place: &str) -> Result<EngineBuilder, Box<dyn std::error::Error>> {
    #[cfg(feature = "postgres")]
    if place.starts_with("postgres:") {
        return Ok(Engine::builder(cqrs::postgres::PostgresStore::connect(place).await?));
    }
    Ok(Engine::builder(SqliteStore::open(place).await?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let place = std::env::args().nth(1).unwrap_or_else(|| "users.db".into());
    let engine = store(&place).await?.projection::<UserView>().start().await?;

    let create = |email: &str, name: &str| CreateUser { id: Uuid::now_v7(), email: email.into(), name: name.into() };
    let find = FindUserByEmail { email: "alice@example.com".into() };
    let (user_id, bio) = match engine.query(find).after(engine.head().await?).await? {
        Some(alice) => (alice.id, alice.bio.unwrap_or_default() + " and once more"),
        None => (engine.execute(create("alice@example.com", "Alice")).await?.result, "seen once".into()),
    };
    let updated = engine.execute(UpdateUserProfile { user_id, name: None, bio: Some(bio) }).await?;
    let alice = engine.query(GetUserById { id: user_id }).after(&updated).await?; // waits for the view, never sleeps
    println!("in {place}, version {} of her stream:\n{alice:#?}\n", updated.version);

    let nobody = DeactivateUser { user_id: Uuid::now_v7(), reason: "a mistake".into() };
    println!("refused: {}", engine.execute(nobody).await.unwrap_err());
    println!("refused: {}", engine.execute(create("alice@example.com", "Alice II")).await.unwrap_err());
    println!("refused: {}\n", engine.execute(create("alice", "Alice")).await.unwrap_err());

    // Two at once want one e-mail. Whoever is second is told so, and nothing of theirs is stored.
    let wanted = format!("bob{}@example.com", engine.head().await?);
    let race = |name| {
        let (engine, create) = (engine.clone(), create(&wanted, name));
        tokio::spawn(async move { engine.execute(create).await })
    };
    let (one, other) = tokio::try_join!(race("Bob"), race("Bobby"))?;
    let ((Ok(winner), Err(refusal)) | (Err(refusal), Ok(winner))) = (one, other) else { return Err("two winners".into()) };
    println!("the race for {wanted}: one won at position {}, the other heard: {refusal}\n", winner.position);

    let left = engine.execute(DeactivateUser { user_id: winner.result, reason: "tired of racing".into() }).await?;
    let users = engine.query(ListActiveUsers { page: 1, page_size: 10 }).after(&left).await?;
    let names: Vec<_> = users.iter().map(|user| format!("{} <{}>", user.name, user.email)).collect();
    println!("active users: {}", names.join(", "));
    Ok(())
}
