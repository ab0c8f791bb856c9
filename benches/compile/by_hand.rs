//! The users domain of `examples/users.rs` without a macro of cqrs: every impl by hand, against the same public traits.

use cqrs::{
    AggregateCommand, Answer, ClaimChange, Column, ColumnError, ColumnRef, ColumnSchema, ColumnType, CommandError,
    Decide, EventClaim, EventType, Events, LostClaim, Misapplied, ProjectionError, RecordedEvent, Schema, StreamId,
    Target, Value, ViewQuery,
    dispatch::{ByName, CommandByName as _, CommandRoute, CommandRoutes, QueryByName as _, QueryRoute, QueryRoutes},
    payload::Codec,
    prelude::*,
    serde_json,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum UserEvent {
    Created { id: Uuid, email: String, name: String, created_at: DateTime<Utc> },
    ProfileUpdated { id: Uuid, name: Option<String>, bio: Option<String>, updated_at: DateTime<Utc> },
    Deactivated { id: Uuid, reason: String, deactivated_at: DateTime<Utc> },
    Reactivated { id: Uuid, reactivated_at: DateTime<Utc> },
}

impl Event for UserEvent {
    type Id = Uuid;

    const AGGREGATE: &'static str = "user";

    const TYPES: &'static [EventType] = &[
        EventType { name: "user.created", aliases: &[], variant: "Created", index: 0 },
        EventType { name: "user.profile_updated", aliases: &[], variant: "ProfileUpdated", index: 1 },
        EventType { name: "user.deactivated", aliases: &[], variant: "Deactivated", index: 2 },
        EventType { name: "user.reactivated", aliases: &[], variant: "Reactivated", index: 3 },
    ];

    const CODEC: Codec<Self> = Codec::JSON;

    fn aggregate_id(&self) -> &Uuid {
        match self {
            Self::Created { id, .. }
            | Self::ProfileUpdated { id, .. }
            | Self::Deactivated { id, .. }
            | Self::Reactivated { id, .. } => id,
        }
    }

    fn type_index(&self) -> usize {
        match self {
            Self::Created { .. } => 0,
            Self::ProfileUpdated { .. } => 1,
            Self::Deactivated { .. } => 2,
            Self::Reactivated { .. } => 3,
        }
    }

    fn claims(&self) -> Vec<EventClaim> {
        match self {
            Self::Created { email, .. } => {
                vec![EventClaim { key: "user.email", change: ClaimChange::Set(email.clone()) }]
            }
            _ => Vec::new(),
        }
    }
}

impl LostClaim<UserError> for UserEvent {
    fn lost_claim(&self, key: &str) -> Option<UserError> {
        match (self, key) {
            (Self::Created { email, .. }, "user.email") => Some(UserError::EmailExists(email.clone())),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct CreateUser {
    pub id: Uuid,
    pub email: String,
    pub name: String,
}

impl Command for CreateUser {
    type Result = Uuid;
    type Error = UserError;

    const COMMAND_NAME: &'static str = "create_user";
}

impl AggregateCommand for CreateUser {
    type Aggregate = User;

    fn aggregate_id(&self) -> &Uuid {
        &self.id
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct UpdateUserProfile {
    pub user_id: Uuid,
    pub name: Option<String>,
    pub bio: Option<String>,
}

impl Command for UpdateUserProfile {
    type Result = ();
    type Error = UserError;

    const COMMAND_NAME: &'static str = "update_user_profile";
}

impl AggregateCommand for UpdateUserProfile {
    type Aggregate = User;

    fn aggregate_id(&self) -> &Uuid {
        &self.user_id
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct DeactivateUser {
    pub user_id: Uuid,
    pub reason: String,
}

impl Command for DeactivateUser {
    type Result = ();
    type Error = UserError;

    const COMMAND_NAME: &'static str = "deactivate_user";
}

impl AggregateCommand for DeactivateUser {
    type Aggregate = User;

    fn aggregate_id(&self) -> &Uuid {
        &self.user_id
    }
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

impl Aggregate for User {
    type Event = UserEvent;
    type Error = UserError;

    fn creates(event: &UserEvent) -> bool {
        matches!(event, UserEvent::Created { .. })
    }

    fn apply(state: &mut Option<Self>, event: UserEvent) -> Result<(), Misapplied> {
        match (state, event) {
            (Some(_), UserEvent::Created { .. }) => return Err(Misapplied::AlreadyAlive("Created")),
            (state, UserEvent::Created { .. }) => *state = Some(Self { active: true }),
            (Some(_), UserEvent::ProfileUpdated { .. }) => {}
            (Some(user), UserEvent::Deactivated { .. }) => user.active = false,
            (Some(user), UserEvent::Reactivated { .. }) => user.active = true,
            (None, event) => return Err(Misapplied::NotAlive(event.event_type().variant)),
        }
        Ok(())
    }

    fn not_found(id: &Uuid) -> Option<UserError> {
        Some(UserError::NotFound(*id))
    }
}

impl Decide<CreateUser> for User {
    const TARGET: Target = Target::New;

    fn decide(
        state: Option<&Self>,
        command: &CreateUser,
        ctx: &Context,
    ) -> Result<(Events<UserEvent>, Uuid), CommandError<UserError>> {
        let CreateUser { id, email, name } = command.clone();
        if state.is_some() {
            return Err(CommandError::AlreadyExists { stream: StreamId::of(UserEvent::AGGREGATE, &id)? });
        }
        if !email.contains('@') {
            return Err(CommandError::Rejected(UserError::InvalidEmail));
        }
        Ok((Events::One(UserEvent::Created { id, email, name, created_at: ctx.now() }), id))
    }
}

impl Decide<UpdateUserProfile> for User {
    const TARGET: Target = Target::Living;

    fn decide(
        state: Option<&Self>,
        command: &UpdateUserProfile,
        ctx: &Context,
    ) -> Result<(Events<UserEvent>, ()), CommandError<UserError>> {
        let UpdateUserProfile { user_id: id, name, bio } = command.clone();
        if state.is_none() {
            return Err(CommandError::Rejected(UserError::NotFound(id)));
        }
        Ok((Events::One(UserEvent::ProfileUpdated { id, name, bio, updated_at: ctx.now() }), ()))
    }
}

impl Decide<DeactivateUser> for User {
    const TARGET: Target = Target::Living;

    fn decide(
        state: Option<&Self>,
        command: &DeactivateUser,
        ctx: &Context,
    ) -> Result<(Events<UserEvent>, ()), CommandError<UserError>> {
        let DeactivateUser { user_id: id, reason } = command.clone();
        let Some(user) = state else { return Err(CommandError::Rejected(UserError::NotFound(id))) };
        if !user.active {
            return Ok((Events::None, ()));
        }
        Ok((Events::One(UserEvent::Deactivated { id, reason, deactivated_at: ctx.now() }), ()))
    }
}

impl CommandRoutes<Engine> for User {
    fn command_routes() -> Vec<CommandRoute<Engine>> {
        vec![
            ByName::<Engine, CreateUser>::NEW.command_route(),
            ByName::<Engine, UpdateUserProfile>::NEW.command_route(),
            ByName::<Engine, DeactivateUser>::NEW.command_route(),
        ]
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserView {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub bio: Option<String>,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl UserView {
    pub const ID: ColumnRef<Self, Uuid> = ColumnRef::new(0);
    pub const EMAIL: ColumnRef<Self, String> = ColumnRef::new(1);
    pub const IS_ACTIVE: ColumnRef<Self, bool> = ColumnRef::new(2);
    pub const CREATED_AT: ColumnRef<Self, DateTime<Utc>> = ColumnRef::new(3);
}

impl ReadModel for UserView {
    type Key = Uuid;

    const SCHEMA: &'static Schema = &Schema {
        name: "users",
        columns: &[
            ColumnSchema { name: "id", column_type: ColumnType::Uuid, nullable: false },
            ColumnSchema { name: "email", column_type: ColumnType::Text, nullable: false },
            ColumnSchema { name: "is_active", column_type: ColumnType::Bool, nullable: false },
            ColumnSchema { name: "created_at", column_type: ColumnType::Timestamp, nullable: false },
        ],
        // To be raised by hand whenever a field changes.
        shape: 1,
    };

    fn key(&self) -> &Uuid {
        &self.id
    }

    fn columns(&self) -> Result<Vec<Value>, ColumnError> {
        Ok(vec![self.id.to_value()?, self.email.to_value()?, self.is_active.to_value()?, self.created_at.to_value()?])
    }

    fn to_row(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_row(row: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(row)
    }
}

impl Projection for UserView {
    type Event = UserEvent;

    fn row_key(event: &UserEvent) -> Option<Uuid> {
        Some(*event.aggregate_id())
    }

    fn project(row: Option<Self>, event: UserEvent, _: &RecordedEvent) -> Result<Option<Self>, ProjectionError> {
        let variant = event.event_type().variant;
        if let UserEvent::Created { id, email, name, created_at } = event {
            if row.is_some() {
                return Err(ProjectionError::RowExists(variant));
            }
            return Ok(Some(Self { id, email, name, bio: None, is_active: true, created_at, updated_at: created_at }));
        }
        let mut row = row.ok_or(ProjectionError::NoRow(variant))?;
        match event {
            UserEvent::Created { .. } => {}
            UserEvent::ProfileUpdated { name, bio, updated_at, .. } => {
                if let Some(name) = name {
                    row.name = name;
                }
                if bio.is_some() {
                    row.bio = bio;
                }
                row.updated_at = updated_at;
            }
            UserEvent::Deactivated { deactivated_at, .. } => {
                (row.is_active, row.updated_at) = (false, deactivated_at);
            }
            UserEvent::Reactivated { reactivated_at, .. } => {
                (row.is_active, row.updated_at) = (true, reactivated_at);
            }
        }
        Ok(Some(row))
    }
}

#[derive(Debug, Deserialize)]
pub struct GetUserById {
    pub id: Uuid,
}

impl Query for GetUserById {
    type Result = UserView;
    type Error = UserQueryError;

    const QUERY_NAME: &'static str = "get_user_by_id";
}

impl ViewQuery for GetUserById {
    type Model = UserView;
}

impl Answer<GetUserById> for UserView {
    async fn answer(users: &Views<Self>, query: GetUserById) -> Result<Self, UserQueryError> {
        users.get(&query.id).await?.ok_or(UserQueryError::NotFound)
    }
}

#[derive(Debug, Deserialize)]
pub struct FindUserByEmail {
    pub email: String,
}

impl Query for FindUserByEmail {
    type Result = Option<UserView>;
    type Error = QueryError;

    const QUERY_NAME: &'static str = "find_user_by_email";
}

impl ViewQuery for FindUserByEmail {
    type Model = UserView;
}

impl Answer<FindUserByEmail> for UserView {
    async fn answer(users: &Views<Self>, query: FindUserByEmail) -> Result<Option<Self>, QueryError> {
        users.filter(Self::EMAIL.eq(query.email)).first().await
    }
}

#[derive(Debug, Deserialize)]
pub struct ListActiveUsers {
    pub page: u32,
    pub page_size: u32,
}

impl Query for ListActiveUsers {
    type Result = Vec<UserView>;
    type Error = QueryError;

    const QUERY_NAME: &'static str = "list_active_users";
}

impl ViewQuery for ListActiveUsers {
    type Model = UserView;
}

impl Answer<ListActiveUsers> for UserView {
    async fn answer(users: &Views<Self>, query: ListActiveUsers) -> Result<Vec<Self>, QueryError> {
        users.filter(Self::IS_ACTIVE.eq(true)).order_by(Self::CREATED_AT).page(query.page, query.page_size).await
    }
}

#[derive(Debug, thiserror::Error)]
pub enum UserQueryError {
    #[error("no such user")]
    NotFound,
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl QueryRoutes<Engine> for UserView {
    fn query_routes() -> Vec<QueryRoute<Engine>> {
        vec![
            ByName::<Engine, GetUserById>::NEW.query_route(),
            ByName::<Engine, FindUserByEmail>::NEW.query_route(),
            ByName::<Engine, ListActiveUsers>::NEW.query_route(),
        ]
    }
}
