//! The store that forgets: log and read models in the memory of one process.
//!
//! Held to every rule of the contract but durability (S4). It is for tests, for prototypes, and for what may be lost.

mod claims;
mod hash;
mod log;
mod order;
mod read;
mod rows;

use std::{
    fmt,
    sync::{
        Arc, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::{
    read_model::{Schema, Value},
    store::{
        Append, AppendError, Appended, EventFilter, EventPage, EventStore, Position, ProjectionBatch, ReadModelStore,
        RecordedEvent, RequestId, Row, RowQuery, Snapshot, StoreError, StreamId, Version,
    },
};
use hash::HashMap;
use log::Log;
use rows::Tables;

/// An event log and read models in memory. Clones share what is stored; the last one to go takes it along.
///
/// Every future but [`wait_beyond`](EventStore::wait_beyond) is ready when first polled. One lock guards the log, one
/// the read models, one the snapshots; no lock is held across an `await`.
///
/// ```
/// use cqrs::{Append, EventStore, Expected, MemoryStore, NewEvent, Position, RequestId, StreamId};
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = MemoryStore::new();
/// let stream = StreamId::of("user", &42)?;
/// let append = Append::new(RequestId::random(), chrono::Utc::now())
///     .expect(&stream, Expected::NoStream)
///     .event(NewEvent::new(&stream, "user.created", "{}"));
///
/// let receipt = store.append(&[append]).await?.remove(0)?;
/// assert_eq!(receipt.last, Position(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    log: RwLock<Log>,
    tables: RwLock<Tables>,
    snapshots: RwLock<HashMap<StreamId, Snapshot>>,
    grown: Notify,
    /// How many wait for the log to grow, so that an append with nobody waiting does not touch `grown`.
    waiting: AtomicUsize,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("head", &self.shared.log.read().map(|log| log.events.head()).ok()).finish()
    }
}

/// A panic under the lock may have left half an append behind, and to read on would be to guess.
fn poisoned<T>(_: T) -> StoreError {
    StoreError::Failed { message: "a panic in the middle of an operation has damaged it".into(), source: None }
}

fn read<T>(lock: &RwLock<T>) -> Result<RwLockReadGuard<'_, T>, StoreError> {
    lock.read().map_err(poisoned)
}

fn write<T>(lock: &RwLock<T>) -> Result<RwLockWriteGuard<'_, T>, StoreError> {
    lock.write().map_err(poisoned)
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        let mut log = write(&self.shared.log)?;
        let before = log.events.head();
        let mut repeated = Vec::new();
        let outcomes = batch.iter().map(|append| log.append(append, &mut repeated)).collect();
        let grown = log.events.head() > before;
        drop(log);
        // Whoever began to wait before this batch had the lock is counted; whoever came later sees the new head.
        if grown && self.shared.waiting.load(Ordering::Relaxed) > 0 {
            self.shared.grown.notify_waiters();
        }
        Ok(outcomes)
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        Ok(read(&self.shared.log)?.receipt(request))
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        Ok(read(&self.shared.log)?.events.read_stream(stream, after, limit))
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        Ok(read(&self.shared.log)?.events.read(filter, after, limit))
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(read(&self.shared.log)?.events.head())
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        let _counted = Waiting::count(&self.shared.waiting);
        loop {
            // Made before the head is read: it hears of every append from here on, polled or not.
            let grown = self.shared.grown.notified();
            let head = read(&self.shared.log)?.events.head();
            if head > position {
                return Ok(head);
            }
            grown.await;
        }
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        Ok(read(&self.shared.log)?.holder(key, value))
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        Ok(read(&self.shared.snapshots)?.get(stream).cloned())
    }

    async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let mut snapshots = write(&self.shared.snapshots)?;
        let kept = snapshots.get(&snapshot.stream);
        if kept.is_none_or(|kept| kept.shape != snapshot.shape || kept.version <= snapshot.version) {
            snapshots.insert(snapshot.stream.clone(), snapshot);
        }
        Ok(())
    }
}

#[async_trait]
impl ReadModelStore for MemoryStore {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        write(&self.shared.tables)?.prepare(schema)
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        Ok(read(&self.shared.tables)?.checkpoint(projection))
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        read(&self.shared.tables)?.load(schema, keys)
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        write(&self.shared.tables)?.commit(batch)
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        read(&self.shared.tables)?.select(schema, query)
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        read(&self.shared.tables)?.count(schema, query)
    }
}

/// One who waits, counted until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn count(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::store::NewEvent;

    #[tokio::test]
    async fn dropped_wait_is_no_longer_counted() {
        let store = MemoryStore::new();
        let mut wait = store.wait_beyond(Position::START);
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(wait.as_mut().poll(cx))).await.is_pending());
        assert_eq!(store.shared.waiting.load(Ordering::Relaxed), 1);
        drop(wait);
        assert_eq!(store.shared.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn after_a_panic_under_the_lock_every_call_is_an_error() {
        let store = MemoryStore::new();
        let shared = Arc::clone(&store.shared);
        std::thread::spawn(move || {
            let _guards = (shared.log.write(), shared.tables.write());
            panic!("a panic on purpose");
        })
        .join()
        .unwrap_err();

        let stream = StreamId::of("user", &1).unwrap();
        let append = Append::new(RequestId::random(), Utc::now()).event(NewEvent::new(&stream, "user.created", "{}"));
        assert!(matches!(store.append(&[append]).await, Err(StoreError::Failed { .. })));
        assert!(matches!(store.wait_beyond(Position::START).await, Err(StoreError::Failed { .. })));
        assert!(matches!(store.checkpoint("users").await, Err(StoreError::Failed { .. })));
        assert_eq!(format!("{store:?}"), "MemoryStore { head: None }");
    }
}
