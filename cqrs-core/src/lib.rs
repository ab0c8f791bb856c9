//! The core of `cqrs`: what a domain is made of, what a store must keep, and the engine between them.
//!
//! Applications depend on the facade crate `cqrs` and never on this one; it exists so that a store can be
//! written against the contract in [`store`] without building the macros.

pub mod aggregate;
pub mod command;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod context;
pub mod dispatch;

pub mod engine;
pub mod event;
pub mod group_commit;
pub mod memory;
pub mod payload;
pub mod projection;
pub mod query;
pub mod read_model;
pub mod snapshot;
pub mod store;
pub mod testkit;
pub mod views;

#[doc(hidden)]
pub mod private;

pub use aggregate::{Aggregate, Decide, Events, IntoDecision, IntoEvents, Misapplied, Target};
pub use command::{AggregateCommand, Command, CommandError, CommandHandler, Receipt};
pub use context::{Clock, Context, IdGenerator};
pub use dispatch::{Dispatcher, RouteError};
pub use engine::{Engine, EngineBuilder, ProjectionStatus, StartError};
pub use event::{AggregateId, ClaimChange, Event, EventClaim, EventSet, EventType, LostClaim};
pub use group_commit::{GroupCommit, GroupCommitOptions};
pub use memory::MemoryStore;
pub use projection::{Change, InTransaction, Projection, ProjectionError, TransactionProjection};
pub use query::{Answer, Consistency, Query, QueryError, QueryHandler, ViewQuery};
pub use read_model::{Column, ColumnError, ColumnRef, ColumnSchema, ColumnType, ReadModel, Schema, Value};
pub use snapshot::{SnapshotState, Snapshots};
pub use store::{
    Append, AppendError, Appended, Claim, Condition, Conflict, EventFilter, EventStore, Expected, HistoryEvent,
    Metadata, NewEvent, Position, ReadModelStore, RecordedEvent, RequestId, Snapshot, StoreError, StreamId, Tag,
    Version,
};
pub use views::{Cursor, Filter, Slice, Sort, Views};
