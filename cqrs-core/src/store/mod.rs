//! The contract of the stores: what a third party implements, and what every store must keep.
//!
//! Two object-safe traits: [`EventStore`], the log, and [`ReadModelStore`], the tables that projections fill. A third,
//! [`ProjectionSink`], is for stores that let projections write with statements of their own.
//! The rules are numbered as in `ARCHITECTURE.md`: S1 to S10 for the log, R1 and R6 for the read side. The suite behind
//! `conformance!` tests a store against each of them.

mod append;
mod error;
mod event_store;
mod filter;
mod id;
mod lease;
mod read_model_store;
mod recorded;
mod sink;
mod snapshot;

pub use append::{Append, Appended, Claim, Condition, Expected, MAX_PAYLOAD_BYTES, Metadata, NewEvent};
pub use error::{AlreadyClaimed, AppendError, Cause, Conflict, Corrupt, InvalidInput, StoreError};
pub use event_store::{EventPage, EventStore};
pub use filter::{EventFilter, Selector};
pub use id::{MAX_NAME_BYTES, Position, RequestId, StreamId, Tag, Version};
pub use lease::{Lease, Revoker};
pub use read_model_store::{
    Comparison, Direction, Order, Predicate, ProjectionBatch, ReadModelStore, Row, RowChange, RowQuery,
};
pub use recorded::{HistoryEvent, RecordedEvent};
pub use sink::ProjectionSink;
pub use snapshot::Snapshot;
