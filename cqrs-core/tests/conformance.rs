//! The in-memory store, held to the contract.
#![cfg(feature = "conformance")]

use std::future::ready;

use async_trait::async_trait;
use cqrs_core::{
    Append, AppendError, Appended, EventFilter, EventStore, MemoryStore, Position, RecordedEvent, RequestId,
    StoreError, StreamId, Version, conformance::Fixture, store::EventPage,
};

fn memory() -> Fixture<MemoryStore> {
    let store = MemoryStore::new();
    Fixture::new(store.clone()).opened_again_by(move || ready(store.clone()))
}

cqrs_core::conformance! { store: ready(memory()) }

/// A store that only does what it must: the log of another, without snapshots.
struct Plain(MemoryStore);

#[async_trait]
impl EventStore for Plain {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        self.0.append(batch).await
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        self.0.receipt(request).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.0.read_stream(stream, after, limit).await
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        self.0.read(filter, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.0.head().await
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        self.0.wait_beyond(position).await
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        self.0.holder(key, value).await
    }
}

mod plain {
    use std::future::ready;

    use super::{Fixture, MemoryStore, Plain};

    pub(super) fn plain() -> Fixture<Plain> {
        let store = MemoryStore::new();
        Fixture::new(Plain(store.clone())).opened_again_by(move || ready(Plain(store.clone()))).without_snapshots()
    }

    cqrs_core::conformance! { event_store: ready(super::plain::plain()) }
}
