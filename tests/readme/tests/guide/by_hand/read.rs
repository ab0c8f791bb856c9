//! The read side.

use std::sync::Arc;

use cqrs::{
    Answer, Column, ColumnError, ColumnRef, ColumnSchema, ColumnType, InTransaction, ProjectionError, RecordedEvent,
    Schema, TransactionProjection, Value, ViewQuery,
    dispatch::{BoxFuture, ByName, QueryByName as _, QueryRoute, QueryRoutes},
    prelude::*,
    serde_json,
    store::Cause,
};

use super::write::TicketEvent;
use crate::transaction::PgTransaction;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenTickets {
    pub number: u32,
    pub agent: Option<String>,
    pub subject: String,
    pub changed_at: DateTime<Utc>,
}

impl OpenTickets {
    pub const NUMBER: ColumnRef<Self, u32> = ColumnRef::new(0);
    pub const AGENT: ColumnRef<Self, Option<String>> = ColumnRef::new(1);
}

impl ReadModel for OpenTickets {
    type Key = u32;

    const SCHEMA: &'static Schema = &Schema {
        name: "open_tickets",
        columns: &[
            ColumnSchema { name: "number", column_type: ColumnType::Int, nullable: false },
            ColumnSchema { name: "agent", column_type: ColumnType::Text, nullable: true },
        ],
        // Another number whenever a field changes.
        shape: 1,
    };

    fn key(&self) -> &u32 {
        &self.number
    }

    fn columns(&self) -> Result<Vec<Value>, ColumnError> {
        Ok(vec![self.number.to_value()?, self.agent.to_value()?])
    }

    fn to_row(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_row(row: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(row)
    }
}

#[derive(Debug, Deserialize)]
pub struct TicketsOf {
    pub agent: String,
}

impl Query for TicketsOf {
    type Result = Vec<OpenTickets>;
    type Error = QueryError;

    const QUERY_NAME: &'static str = "tickets_of";
}

impl ViewQuery for TicketsOf {
    type Model = OpenTickets;
}

impl Projection for OpenTickets {
    type Event = TicketEvent;

    fn row_key(event: &TicketEvent) -> Option<u32> {
        Some(*event.aggregate_id())
    }

    fn project(
        row: Option<Self>,
        event: TicketEvent,
        recorded: &RecordedEvent,
    ) -> Result<Option<Self>, ProjectionError> {
        let changed_at = recorded.metadata.recorded_at;
        match (row, event) {
            (None, TicketEvent::Opened { number, subject }) => {
                Ok(Some(Self { number, agent: None, subject, changed_at }))
            }
            (Some(_), TicketEvent::Opened { .. }) => Err(ProjectionError::RowExists("Opened")),
            (Some(row), TicketEvent::Assigned { agent, .. }) => {
                Ok(Some(Self { agent: Some(agent), changed_at, ..row }))
            }
            (Some(_), TicketEvent::Closed { .. }) => Ok(None),
            (None, event) => Err(ProjectionError::NoRow(event.event_type().variant)),
        }
    }
}

impl Answer<TicketsOf> for OpenTickets {
    async fn answer(tickets: &Views<Self>, query: TicketsOf) -> Result<Vec<Self>, QueryError> {
        tickets.filter(Self::AGENT.eq(Some(query.agent))).order_by(Self::NUMBER).page(1, 10).await
    }
}

impl QueryRoutes<Engine> for OpenTickets {
    fn query_routes() -> Vec<QueryRoute<Engine>> {
        vec![ByName::<Engine, TicketsOf>::NEW.query_route()]
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    pub agent: String,
    pub tickets: u64,
}

impl ReadModel for Workload {
    type Key = String;

    const SCHEMA: &'static Schema = &Schema {
        name: "workload",
        columns: &[ColumnSchema { name: "agent", column_type: ColumnType::Text, nullable: false }],
        shape: 1,
    };

    fn key(&self) -> &String {
        &self.agent
    }

    fn columns(&self) -> Result<Vec<Value>, ColumnError> {
        Ok(vec![self.agent.to_value()?])
    }

    fn to_row(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn from_row(row: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(row)
    }
}

#[derive(Debug, Deserialize)]
pub struct WorkloadOf {
    pub agent: String,
}

impl Query for WorkloadOf {
    type Result = Option<Workload>;
    type Error = QueryError;

    const QUERY_NAME: &'static str = "workload_of";
}

impl ViewQuery for WorkloadOf {
    type Model = Workload;
}

impl Projection for Workload {
    type Event = TicketEvent;

    fn row_key(event: &TicketEvent) -> Option<String> {
        match event {
            TicketEvent::Assigned { agent, .. } => Some(agent.clone()),
            TicketEvent::Opened { .. } | TicketEvent::Closed { .. } => None,
        }
    }

    fn project(row: Option<Self>, event: TicketEvent, _: &RecordedEvent) -> Result<Option<Self>, ProjectionError> {
        let TicketEvent::Assigned { agent, .. } = event else { return Ok(row) };
        let tickets = row.map_or(0, |row| row.tickets) + 1;
        Ok(Some(Self { agent, tickets }))
    }
}

impl Answer<WorkloadOf> for Workload {
    async fn answer(workloads: &Views<Self>, query: WorkloadOf) -> Result<Option<Self>, QueryError> {
        workloads.get(&query.agent).await
    }
}

impl QueryRoutes<Engine> for Workload {
    fn query_routes() -> Vec<QueryRoute<Engine>> {
        vec![ByName::<Engine, WorkloadOf>::NEW.query_route()]
    }
}

pub struct Journal;

impl TransactionProjection for Journal {
    const PROJECTION_NAME: &'static str = "journal";

    type Event = TicketEvent;
}

impl<'t> InTransaction<PgTransaction<'t>> for Journal {
    fn setup<'a>(tx: &'a mut PgTransaction<'t>) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move {
            let table = "CREATE TABLE IF NOT EXISTS journal (line text NOT NULL)";
            tx.execute(table, &[]).await.map(drop).map_err(|error| Arc::new(error) as Cause)
        })
    }

    fn handle<'a>(
        tx: &'a mut PgTransaction<'t>,
        event: TicketEvent,
        recorded: &'a RecordedEvent,
    ) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move {
            let written = match event {
                TicketEvent::Opened { subject, .. } => {
                    tx.execute("INSERT INTO journal VALUES ('opened ' || $1)", &[&subject]).await
                }
                TicketEvent::Assigned { .. } => return Ok(()),
                TicketEvent::Closed { .. } => {
                    tx.execute("INSERT INTO journal VALUES ('closed ' || $1)", &[&recorded.stream.to_string()]).await
                }
            };
            written.map(drop).map_err(|error| Arc::new(error) as Cause)
        })
    }
}
