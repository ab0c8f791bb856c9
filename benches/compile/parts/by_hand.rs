//! The same part without a macro of cqrs: the same impls as the macros make, as a person would write them.

use cqrs::{
    AggregateCommand, Answer, ClaimChange, Column, ColumnError, ColumnRef, ColumnSchema, ColumnType, Decide,
    EventClaim, EventType, Events, LostClaim, Misapplied, ProjectionError, RecordedEvent, Schema, StreamId, Target,
    Value, ViewQuery,
    aggregate::DecisionResult,
    dispatch::{ByName, CommandByName as _, CommandRoute, CommandRoutes, QueryByName as _, QueryRoute, QueryRoutes},
    payload::Codec,
    prelude::*,
    serde_json,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PartEvent {
    Created { id: Uuid, name: String },
    // each
    Changed1 { id: Uuid, amount: u64, note: Option<String> },
    // end
}

impl Event for PartEvent {
    type Id = Uuid;

    const AGGREGATE: &'static str = "part0";

    const TYPES: &'static [EventType] = &[
        EventType { name: "part0.created", aliases: &[], variant: "Created", index: 0 },
        // each
        EventType { name: "part0.changed1", aliases: &[], variant: "Changed1", index: 1 },
        // end
    ];

    const CODEC: Codec<Self> = Codec::JSON;

    fn aggregate_id(&self) -> &Uuid {
        match self {
            Self::Created { id, .. } => id,
            // each
            Self::Changed1 { id, .. } => id,
            // end
        }
    }

    fn type_index(&self) -> usize {
        match self {
            Self::Created { .. } => 0,
            // each
            Self::Changed1 { .. } => 1,
            // end
        }
    }

    fn claims(&self) -> Vec<EventClaim> {
        match self {
            Self::Created { name, .. } => {
                vec![EventClaim { key: "part0.name", change: ClaimChange::Set(name.clone()) }]
            }
            _ => Vec::new(),
        }
    }
}

impl LostClaim<PartError> for PartEvent {
    fn lost_claim(&self, key: &str) -> Option<PartError> {
        match (self, key) {
            (Self::Created { name, .. }, "part0.name") => Some(PartError::NameTaken(name.clone())),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Create {
    pub id: Uuid,
    pub name: String,
}

impl Command for Create {
    type Result = Uuid;
    type Error = PartError;

    const COMMAND_NAME: &'static str = "part0_create";
}

impl AggregateCommand for Create {
    type Aggregate = Part;

    fn aggregate_id(&self) -> &Uuid {
        &self.id
    }
}

// each
#[derive(Debug, Clone, Deserialize)]
pub struct Change1 {
    pub id: Uuid,
    pub amount: u64,
    pub note: Option<String>,
}

impl Command for Change1 {
    type Result = ();
    type Error = PartError;

    const COMMAND_NAME: &'static str = "part0_change1";
}

impl AggregateCommand for Change1 {
    type Aggregate = Part;

    fn aggregate_id(&self) -> &Uuid {
        &self.id
    }
}

// end
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    #[error("no such part: {0}")]
    NotFound(Uuid),
    #[error("a part is called {0} already")]
    NameTaken(String),
    #[error("a part has a name")]
    NoName,
    #[error("too much for {0}")]
    TooMuch(u64),
}

pub struct Part {
    total: u64,
}

impl Aggregate for Part {
    type Event = PartEvent;
    type Error = PartError;

    fn creates(event: &PartEvent) -> bool {
        matches!(event, PartEvent::Created { .. })
    }

    fn apply(state: &mut Option<Self>, event: PartEvent) -> Result<(), Misapplied> {
        match (state, event) {
            (Some(_), PartEvent::Created { .. }) => return Err(Misapplied::AlreadyAlive("Created")),
            (state, PartEvent::Created { .. }) => *state = Some(Self { total: 0 }),
            // each
            (Some(part), PartEvent::Changed1 { amount, .. }) => part.total += amount,
            // end
            (None, event) => return Err(Misapplied::NotAlive(event.event_type().variant)),
        }
        Ok(())
    }

    fn not_found(id: &Uuid) -> Option<PartError> {
        Some(PartError::NotFound(*id))
    }
}

impl Decide<Create> for Part {
    const TARGET: Target = Target::New;

    fn decide(state: Option<&Self>, command: &Create, _: &Context) -> DecisionResult<Self, Create> {
        let Create { id, name } = command.clone();
        if state.is_some() {
            return Err(CommandError::AlreadyExists { stream: StreamId::of(PartEvent::AGGREGATE, &id)? });
        }
        if name.is_empty() {
            return Err(CommandError::Rejected(PartError::NoName));
        }
        Ok((Events::One(PartEvent::Created { id, name }), id))
    }
}

// each
impl Decide<Change1> for Part {
    const TARGET: Target = Target::Living;

    fn decide(state: Option<&Self>, command: &Change1, _: &Context) -> DecisionResult<Self, Change1> {
        let Change1 { id, amount, note } = command.clone();
        let Some(part) = state else { return Err(CommandError::Rejected(PartError::NotFound(id))) };
        if amount > part.total + 1 {
            return Err(CommandError::Rejected(PartError::TooMuch(part.total)));
        }
        Ok((Events::One(PartEvent::Changed1 { id, amount, note }), ()))
    }
}

// end
impl CommandRoutes<Engine> for Part {
    fn command_routes() -> Vec<CommandRoute<Engine>> {
        vec![
            ByName::<Engine, Create>::NEW.command_route(),
            // each
            ByName::<Engine, Change1>::NEW.command_route(),
            // end
        ]
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartView {
    pub id: Uuid,
    pub name: String,
    pub total: u64,
    pub note: Option<String>,
}

impl PartView {
    pub const ID: ColumnRef<Self, Uuid> = ColumnRef::new(0);
    pub const NAME: ColumnRef<Self, String> = ColumnRef::new(1);
}

impl ReadModel for PartView {
    type Key = Uuid;

    const SCHEMA: &'static Schema = &Schema {
        name: "parts0",
        columns: &[
            ColumnSchema { name: "id", column_type: ColumnType::Uuid, nullable: false },
            ColumnSchema { name: "name", column_type: ColumnType::Text, nullable: false },
        ],
        shape: 1,
    };

    fn key(&self) -> &Uuid {
        &self.id
    }

    fn columns(&self) -> Result<Vec<Value>, ColumnError> {
        Ok(vec![self.id.to_value()?, self.name.to_value()?])
    }

    fn to_row(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_row(row: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(row)
    }
}

impl Projection for PartView {
    type Event = PartEvent;

    fn row_key(event: &PartEvent) -> Option<Uuid> {
        Some(*event.aggregate_id())
    }

    fn project(row: Option<Self>, event: PartEvent, _: &RecordedEvent) -> Result<Option<Self>, ProjectionError> {
        match (row, event) {
            (Some(_), PartEvent::Created { .. }) => Err(ProjectionError::RowExists("Created")),
            (None, PartEvent::Created { id, name }) => Ok(Some(Self { id, name, total: 0, note: None })),
            // each
            (Some(mut row), PartEvent::Changed1 { amount, note, .. }) => {
                row.total += amount;
                row.note = note;
                Ok(Some(row))
            }
            // end
            (None, event) => Err(ProjectionError::NoRow(event.event_type().variant)),
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct GetPart {
    pub name: String,
}

impl Query for GetPart {
    type Result = Option<PartView>;
    type Error = QueryError;

    const QUERY_NAME: &'static str = "part0_by_name";
}

impl ViewQuery for GetPart {
    type Model = PartView;
}

impl Answer<GetPart> for PartView {
    async fn answer(parts: &Views<Self>, query: GetPart) -> Result<Option<Self>, QueryError> {
        parts.filter(Self::NAME.eq(query.name)).first().await
    }
}

impl QueryRoutes<Engine> for PartView {
    fn query_routes() -> Vec<QueryRoute<Engine>> {
        vec![ByName::<Engine, GetPart>::NEW.query_route()]
    }
}
