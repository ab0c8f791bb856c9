//! How many appends a commit holds.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use cqrs::{
    Append, AppendError, Appended, EventFilter, EventStore, Position, ReadModelStore, RecordedEvent, RequestId, Schema,
    Snapshot, StoreError, StreamId, Value, Version,
    store::{EventPage, ProjectionBatch, Row, RowQuery},
};

/// A store that counts the batches it is given.
#[derive(Debug, Clone)]
pub struct Counting<S> {
    store: S,
    commits: Arc<AtomicU32>,
}

impl<S> Counting<S> {
    /// Counts what `store` is given.
    pub fn new(store: S) -> Self {
        Self { store, commits: Arc::default() }
    }

    /// The batches since the last call.
    pub fn take_commits(&self) -> u32 {
        self.commits.swap(0, Ordering::Relaxed)
    }
}

#[async_trait]
impl<S: EventStore> EventStore for Counting<S> {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.store.append(batch).await
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        self.store.receipt(request).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store.read_stream(stream, after, limit).await
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        self.store.read(filter, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        self.store.wait_beyond(position).await
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        self.store.holder(key, value).await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        self.store.snapshot(stream).await
    }

    async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.store.keep_snapshot(snapshot).await
    }
}

#[async_trait]
impl<S: ReadModelStore> ReadModelStore for Counting<S> {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        self.store.prepare(schema).await
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        self.store.checkpoint(projection).await
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        self.store.load(schema, keys).await
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        self.store.commit(batch).await
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        self.store.select(schema, query).await
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        self.store.count(schema, query).await
    }
}
