//! Projections whose rows the store's own driver writes.

use async_trait::async_trait;

use super::{EventFilter, EventPage, Lease, Position, StoreError};

/// A projection, and the transactions it writes in: what a store hands to
/// [`EngineBuilder::run`](crate::EngineBuilder::run) for a [`TransactionProjection`](crate::TransactionProjection).
///
/// The engine reads the log, waits, begins again after failures and says how far it has come; the sink opens a transaction,
/// has [`handle_events`](crate::projection::handle_events) call the user's handlers, moves the checkpoint and commits. One
/// call of [`handle`](Self::handle) is under way at a time.
///
/// Futures may be dropped at any time: a transaction is then committed whole or not at all.
#[async_trait]
pub trait ProjectionSink: Send + Sync + 'static {
    /// The projection's name, under which its checkpoint is kept. Names of read models and of sinks are one name space.
    fn name(&self) -> &'static str;

    /// The events that it handles.
    fn filter(&self) -> EventFilter;

    /// Has the projection make its tables, in a transaction of its own, and says how far it has come. Every process that
    /// starts calls it, at the same time too: the store lets one in after the other.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where the projection's own statements fail.
    async fn prepare(&self) -> Result<Position, StoreError>;

    /// How far the projection has come. [`Position::START`] for one that never ran.
    async fn checkpoint(&self) -> Result<Position, StoreError>;

    /// As [`ReadModelStore::lease`](super::ReadModelStore::lease).
    async fn lease(&self) -> Result<Lease, StoreError> {
        Ok(Lease::unshared())
    }

    /// Handles the events of a page in order and moves the checkpoint from `expected` to where the page was read to, all
    /// in one transaction. The page may be empty. The checkpoint is looked at first and locked, so that no handler meets
    /// rows that are newer than its event.
    ///
    /// # Errors
    /// [`StoreError::CheckpointMoved`] where the checkpoint is not as expected. [`StoreError::Corrupt`] with the event that
    /// cannot be handled; the engine then hands in what is before it, and stops. Whatever the error, nothing is written,
    /// which only [`StoreError::Unknown`] leaves open.
    async fn handle(&self, expected: Position, page: &EventPage) -> Result<(), StoreError>;
}
