//! A store whose faults follow a plan.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use cqrs::{
    Append, AppendError, Appended, EventFilter, EventStore, MemoryStore, Position, ReadModelStore, RecordedEvent,
    RequestId, Snapshot, StoreError, StreamId, Value, Version,
    read_model::Schema,
    store::{EventPage, ProjectionBatch, Row, RowQuery},
};
use tokio::sync::{Semaphore, watch};

/// What a faulty store does with a call.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    /// Does what is asked for.
    None,
    /// Lets others run first.
    Yield,
    /// Does what is asked for, and loses the answer.
    LoseAnswer,
    /// Does nothing, and cannot say so.
    LoseCall,
    /// Does nothing, and says so.
    Unavailable,
    /// Panics before it does anything.
    Panic,
    /// Waits until the test lets it through.
    Gate,
}

/// What a faulty store does with snapshots.
#[derive(Clone, Copy, PartialEq)]
pub enum Snapshots {
    /// Keeps them.
    Kept,
    /// Keeps none.
    Forgotten,
    /// Fails to read and to keep them.
    Failing,
    /// Panics instead of keeping them.
    Panicking,
    /// Never answers.
    Hanging,
}

/// A store in front of another, whose faults follow a plan. Counts the events that are read from it, and remembers
/// the snapshots it was given.
#[derive(Clone)]
pub struct Faulty {
    inner: MemoryStore,
    calls: Arc<AtomicU64>,
    plan: fn(u64) -> Fault,
    reads: Arc<AtomicU64>,
    reading: fn(u64) -> Fault,
    chokes_on: Option<&'static str>,
    largest: Arc<AtomicU64>,
    pub gate: Arc<Semaphore>,
    snapshots: Snapshots,
    events_read: Arc<AtomicU64>,
    given: Arc<watch::Sender<Vec<Snapshot>>>,
}

impl Faulty {
    pub fn new(inner: MemoryStore, plan: fn(u64) -> Fault) -> Self {
        Self {
            inner,
            calls: Arc::default(),
            plan,
            reads: Arc::default(),
            reading: |_| Fault::None,
            chokes_on: None,
            largest: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            snapshots: Snapshots::Kept,
            events_read: Arc::default(),
            given: Arc::new(watch::Sender::new(Vec::new())),
        }
    }

    pub fn snapshots(self, snapshots: Snapshots) -> Self {
        Self { snapshots, ..self }
    }

    /// What it does when streams and pages of the log are read.
    pub fn reading(self, reading: fn(u64) -> Fault) -> Self {
        Self { reading, ..self }
    }

    /// Fails with a batch in which an event's payload holds this.
    pub fn chokes_on(self, text: &'static str) -> Self {
        Self { chokes_on: Some(text), ..self }
    }

    /// How many appends the largest batch had.
    pub fn largest_batch(&self) -> u64 {
        self.largest.load(Ordering::SeqCst)
    }

    /// The store behind, which has no faults.
    pub fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    /// How many events were read from streams since the last call.
    pub fn take_events_read(&self) -> u64 {
        self.events_read.swap(0, Ordering::SeqCst)
    }

    /// What happens before a call is passed on.
    async fn suffer(&self, fault: Fault) -> Result<(), StoreError> {
        match fault {
            Fault::None | Fault::LoseAnswer => Ok(()),
            Fault::Yield => {
                tokio::task::yield_now().await;
                Ok(())
            }
            Fault::LoseCall => Err(lost()),
            Fault::Unavailable => Err(StoreError::Unavailable { message: "busy".into(), source: None }),
            Fault::Panic => panic!("a bug in the store, on purpose"),
            Fault::Gate => {
                self.gate.acquire().await.expect("the gate is never closed").forget();
                Ok(())
            }
        }
    }

    /// The snapshots it was given, once they are as expected.
    pub async fn given(&self, expected: impl FnMut(&Vec<Snapshot>) -> bool) -> Vec<Snapshot> {
        self.given.subscribe().wait_for(expected).await.unwrap().clone()
    }
}

fn lost() -> StoreError {
    StoreError::Unknown { message: "the connection was lost".into(), source: None }
}

/// A store that makes every caller wait for a turn.
pub struct Slow;

impl Slow {
    #[allow(clippy::new_ret_no_self, reason = "a slow store is a faulty one with the mildest of faults")]
    pub fn new(inner: MemoryStore) -> Faulty {
        Faulty::new(inner, |_| Fault::Yield)
    }
}

#[async_trait]
impl EventStore for Faulty {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        let fault = (self.plan)(self.calls.fetch_add(1, Ordering::SeqCst));
        self.largest.fetch_max(batch.len() as u64, Ordering::SeqCst);
        self.suffer(fault).await?;
        let mut payloads = batch.iter().flat_map(|append| &append.events).map(|event| &event.payload);
        if self.chokes_on.is_some_and(|text| payloads.any(|payload| String::from_utf8_lossy(payload).contains(text))) {
            return Err(StoreError::Failed { message: "it does not like what it was given".into(), source: None });
        }
        let written = self.inner.append(batch).await?;
        if fault == Fault::LoseAnswer { Err(lost()) } else { Ok(written) }
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        self.inner.receipt(request).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.suffer((self.reading)(self.reads.fetch_add(1, Ordering::SeqCst))).await?;
        let events = self.inner.read_stream(stream, after, limit).await?;
        self.events_read.fetch_add(events.len() as u64, Ordering::SeqCst);
        Ok(events)
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        self.suffer((self.reading)(self.reads.fetch_add(1, Ordering::SeqCst))).await?;
        self.inner.read(filter, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.inner.head().await
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        self.inner.wait_beyond(position).await
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        self.inner.holder(key, value).await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        match self.snapshots {
            Snapshots::Failing => Err(StoreError::Unavailable { message: "busy".into(), source: None }),
            _ => self.inner.snapshot(stream).await,
        }
    }

    async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.given.send_modify(|given| given.push(snapshot.clone()));
        match self.snapshots {
            Snapshots::Kept => self.inner.keep_snapshot(snapshot).await,
            Snapshots::Forgotten => Ok(()),
            Snapshots::Failing => Err(StoreError::Unavailable { message: "busy".into(), source: None }),
            Snapshots::Panicking => panic!("a bug in the store, on purpose"),
            Snapshots::Hanging => std::future::pending().await,
        }
    }
}

#[async_trait]
impl ReadModelStore for Faulty {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        self.inner.prepare(schema).await
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        self.inner.checkpoint(projection).await
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.load(schema, keys).await
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        self.inner.select(schema, query).await
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        self.inner.count(schema, query).await
    }
}

/// What a future comes to at once, if it does.
pub async fn poll_once<F: Future + ?Sized>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}
