//! The log.

use async_trait::async_trait;

use super::{
    Append, AppendError, Appended, EventFilter, HistoryEvent, Position, RecordedEvent, RequestId, Snapshot, StoreError,
    StreamId, Version,
};

/// The event log: what a third party implements to bring another engine.
///
/// A store serialises its writes and hands out positions in commit order. It is given whole batches, because the
/// group commit in front of it gathers what arrives while a commit is under way; it judges every append of the batch on
/// its own. The rules S1 to S10 are in `ARCHITECTURE.md`; `cqrs::conformance!` tests a store against them.
///
/// Futures may be dropped at any time: a write then happens whole or not at all.
///
/// To read the log is the other use of it. A reader that keeps `read_to` misses nothing and sees nothing twice:
///
/// ```
/// # use bank::*;
/// use cqrs::{EventFilter, EventStore, MemoryStore, Position, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let store = MemoryStore::new();
/// let engine = Engine::builder(store.clone()).start().await?;
/// engine.execute(Open { id: 7, owner: "ann".into() }).await?;
/// engine.execute(Deposit { id: 7, amount: 5 }).await?;
///
/// let deposits = EventFilter::types(["account.deposited"]);
/// let mut read_to = Position::START;
/// loop {
///     store.wait_beyond(read_to).await?;
///     let page = store.read(&deposits, read_to, 100).await?;
///     for event in &page.events {
///         println!("{} {} {}", event.position, event.stream, String::from_utf8_lossy(&event.payload));
///     }
///     read_to = page.read_to;
/// #   break;
/// }
/// assert_eq!(read_to, Position(2));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Writes a batch with one durable commit, each append judged on its own, in order, each seeing what those before
    /// it wrote. The answer has one entry an append, in the same order: one that fails takes none with it.
    ///
    /// # Errors
    /// An outer error speaks for the whole batch: nothing of it was written, or, with [`StoreError::Unknown`], that
    /// cannot be told and the same batch may be given again with the same request ids.
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError>;

    /// How many batches to give it at once; 1 by default. More gain where the store is at work elsewhere, on a server: one
    /// batch is then on its way while another is written. The store still writes one after another, in an order of its own.
    fn batches_at_once(&self) -> usize {
        1
    }

    /// The receipt of a request that wrote something, if it was written (S8).
    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError>;

    /// Up to `limit` events of a stream behind a version, in order. Fewer than `limit` means the end was reached.
    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// Like [`read_stream`](Self::read_stream), but no more of each event than folding an aggregate takes. A store that
    /// can leave the envelope where it is should.
    async fn read_history(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<HistoryEvent>, StoreError> {
        let events = self.read_stream(stream, after, limit).await?;
        Ok(events.into_iter().map(HistoryEvent::from).collect())
    }

    /// Up to `limit` events of the log behind a position that match the filter, in order.
    ///
    /// A page may hold fewer events than `limit` before the end of the log is reached, where matches are rare.
    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError>;

    /// The position of the last event.
    async fn head(&self) -> Result<Position, StoreError>;

    /// Waits until the log reaches beyond `position`, and says how far. Other processes' events count. Cancel at will.
    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError>;

    /// Who holds a claimed value.
    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError>;

    /// The snapshot kept of a stream. A store may keep none: loading then folds all events.
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let _ = stream;
        Ok(None)
    }

    /// Keeps a snapshot, in place of the one kept of its stream; one of the same shape and a later version stays instead.
    /// It is a cache: whether its stream has come that far is not judged, and the answer need not wait until it is durable.
    async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let _ = snapshot;
        Ok(())
    }
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// The events that match, in order.
    pub events: Vec<RecordedEvent>,
    /// How far the log was read, which may be beyond the last event returned. Whatever matches up to there is in this
    /// page or an earlier one, for good (S2). Reading on begins here.
    pub read_to: Position,
}
