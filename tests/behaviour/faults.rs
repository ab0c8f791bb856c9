//! Stores that fail: outcomes that are unknown, stores that are slow, stored bytes that nobody can read.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use cqrs::{
    Append, AppendError, Appended, EventFilter, EventStore, MemoryStore, NewEvent, Position, ReadModelStore,
    RecordedEvent, RequestId, Snapshot, StoreError, StreamId, Value, Version,
    prelude::*,
    read_model::Schema,
    store::{EventPage, ProjectionBatch, Row, RowQuery},
};

use tokio::sync::{Semaphore, watch};

use crate::account::*;

/// What a faulty store does to a batch.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    /// Writes it and says so.
    None,
    /// Lets others run first.
    Yield,
    /// Writes it, and loses the answer.
    LoseAnswer,
    /// Does not write it, and cannot say so.
    LoseCall,
    /// Does not write it, and says so.
    Unavailable,
    /// Panics before it writes.
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
            gate: Arc::new(Semaphore::new(0)),
            snapshots: Snapshots::Kept,
            events_read: Arc::default(),
            given: Arc::new(watch::Sender::new(Vec::new())),
        }
    }

    pub fn snapshots(self, snapshots: Snapshots) -> Self {
        Self { snapshots, ..self }
    }

    /// The store behind, which has no faults.
    pub fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    /// How many events were read from streams since the last call.
    pub fn take_events_read(&self) -> u64 {
        self.events_read.swap(0, Ordering::SeqCst)
    }

    /// The snapshots it was given, once they are as expected.
    pub async fn given(&self, expected: impl FnMut(&Vec<Snapshot>) -> bool) -> Vec<Snapshot> {
        self.given.subscribe().wait_for(expected).await.unwrap().clone()
    }
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
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let lost = || StoreError::Unknown { message: "the connection was lost".into(), source: None };
        match (self.plan)(call) {
            Fault::None => self.inner.append(batch).await,
            Fault::Yield => {
                tokio::task::yield_now().await;
                self.inner.append(batch).await
            }
            Fault::LoseAnswer => {
                self.inner.append(batch).await?;
                Err(lost())
            }
            Fault::LoseCall => Err(lost()),
            Fault::Unavailable => Err(StoreError::Unavailable { message: "busy".into(), source: None }),
            Fault::Panic => panic!("a bug in the store, on purpose"),
            Fault::Gate => {
                self.gate.acquire().await.expect("the gate is never closed").forget();
                self.inner.append(batch).await
            }
        }
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
        let events = self.inner.read_stream(stream, after, limit).await?;
        self.events_read.fetch_add(events.len() as u64, Ordering::SeqCst);
        Ok(events)
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn outcomes_that_are_unknown_are_settled_by_asking_again() {
    let store = MemoryStore::new();
    let engine = engine(Faulty::new(store.clone(), |call| match call % 7 {
        2 => Fault::LoseAnswer,
        4 => Fault::LoseCall,
        5 => Fault::Unavailable,
        _ => Fault::None,
    }))
    .await;
    let id = open(&engine).await;

    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    engine.execute(Deposit { id, amount: 1 }).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    assert_eq!(engine.execute(Withdraw { id, amount: 160 }).await.unwrap().result, 0);
    assert_eq!(store.head().await.unwrap(), Position(162), "nothing was written twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_panicking_store_leaves_nobody_waiting() {
    let engine =
        engine(Faulty::new(MemoryStore::new(), |call| if call % 7 == 3 { Fault::Panic } else { Fault::Yield })).await;
    let id = open(&engine).await;

    let mut deposited = 0;
    let mut unknown = 0;
    for _ in 0..30 {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.execute(Deposit { id, amount: 1 }).await })
            })
            .collect();
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => deposited += 1,
                Err(CommandError::Store(StoreError::Unknown { .. })) => unknown += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(deposited > 0 && unknown > 0, "{deposited} and {unknown}");

    let mut balance = engine.execute(Withdraw { id, amount: 0 }).await;
    while matches!(balance, Err(CommandError::Store(StoreError::Unknown { .. }))) {
        balance = engine.execute(Withdraw { id, amount: 0 }).await;
    }
    assert_eq!(balance.unwrap().result, deposited);
}

/// A version alone does not tell one's own event from a stranger's: the second of two commands that wait together is
/// decided on what the first leaves, and must not be written where a stranger's event has taken the first one's place.
#[tokio::test]
async fn a_stranger_s_event_is_not_taken_for_one_s_own() {
    let store = MemoryStore::new();
    let id = open(&engine(store.clone()).await).await;
    let gated = Faulty::new(store.clone(), |_| Fault::Gate);
    let gate = Arc::clone(&gated.gate);
    let engine = Engine::builder(gated).start().await.unwrap();

    let mut under_way = engine.execute(Deposit { id, amount: 10 }).into_future();
    assert!(poll_once(under_way.as_mut()).await.is_none());
    let mut first = engine.execute(Withdraw { id, amount: 10 }).into_future();
    let mut second = engine.execute(Deposit { id, amount: 1 }).into_future();
    assert!(poll_once(first.as_mut()).await.is_none() && poll_once(second.as_mut()).await.is_none());
    gate.add_permits(1);
    assert_eq!(under_way.await.unwrap().result, 10);
    let withdrawn = NewEvent::new(
        &StreamId::of("account", &id).unwrap(),
        "account.withdrawn",
        format!(r#"{{"id":"{id}","amount":5}}"#),
    );
    store.append(&[Append::new(RequestId::random(), Utc::now()).event(withdrawn)]).await.unwrap();
    gate.add_permits(100);

    let (first, second) = tokio::join!(first, second);
    let second = second.unwrap();
    match first {
        // Whichever is decided first now, both were decided on what the stranger left.
        Err(CommandError::Rejected(AccountError::Overdrawn { balance: 5 | 6 })) => assert_eq!(second.result, 6),
        other => panic!("{other:?}"),
    }
}

pub async fn poll_once<F: Future + ?Sized>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

async fn damaged_account(event_type: &str, payload: &str) -> (MemoryStore, Uuid) {
    let store = MemoryStore::new();
    let id = Uuid::now_v7();
    let stream = StreamId::of("account", &id).unwrap();
    let append = Append::new(RequestId::random(), Utc::now())
        .event(NewEvent::new(&stream, "account.opened", format!(r#"{{"id":"{id}","owner":"ann"}}"#)))
        .event(NewEvent::new(&stream, event_type, payload.to_owned()));
    store.append(&[append]).await.unwrap().remove(0).unwrap();
    (store, id)
}

#[tokio::test]
async fn a_stored_event_nobody_can_read_is_named() {
    for (event_type, payload, cause) in [
        ("account.deposited", "{", "EOF"),
        ("account.deposited", r#"{"id":"no uuid","amount":1}"#, "UUID"),
        ("account.deposited", r#"{"amount":1} x"#, "id"),
        ("account.vanished", "{}", "unknown event type `account.vanished`"),
        ("account.opened", r#"{"id":"018f0000-0000-7000-8000-000000000000","owner":"ann"}"#, "lives already"),
    ] {
        let (store, id) = damaged_account(event_type, payload).await;
        let engine = Engine::builder(store).start().await.unwrap();

        let error = engine.execute(Deposit { id, amount: 1 }).await.unwrap_err();

        let CommandError::Store(StoreError::Corrupt(corrupt)) = &error else { panic!("{error}") };
        assert_eq!((corrupt.position, corrupt.version), (Position(2), Version(2)));
        assert_eq!((corrupt.event_type.as_str(), corrupt.stream.as_str()), (event_type, &*format!("account-{id}")));
        assert!(corrupt.cause.contains(cause), "{error}");
    }
}

#[tokio::test]
async fn a_projection_that_meets_one_stops_and_says_so() {
    let (store, id) = damaged_account("account.deposited", "{").await;
    let engine = engine(store).await;

    let error = engine.query(GetBalance { id }).after(Position(2)).await.unwrap_err();

    assert!(
        matches!(&error, QueryError::ProjectionStopped { model: "balances", cause } if cause.contains("event 2")),
        "{error}"
    );
    let [status] = engine.projections().try_into().unwrap();
    assert_eq!(status.position, Position(1), "everything before the event is shown, and nothing behind it");
    assert_eq!(engine.query(GetBalance { id }).after(Position(1)).await.unwrap().unwrap().changes, 0);
    assert!(status.stopped.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_nothing_is_half_written() {
    const LIMIT: u64 = 400_000;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("full.db");
    let store = cqrs::sqlite::SqliteStore::builder(&file).max_bytes(LIMIT).open().await.unwrap();
    let small = engine(store).await;
    let id = open(&small).await;

    let mut acknowledged = 0;
    let refused = loop {
        let metadata = "x".repeat(1000);
        match small.execute(Deposit { id, amount: 1 }).metadata("note", metadata).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, CommandError::Store(StoreError::Unwritable { .. })), "{refused}");
    drop(small);

    let roomy = engine(cqrs::sqlite::SqliteStore::open(&file).await.unwrap()).await;
    let receipt = roomy.execute(Deposit { id, amount: 1 }).await.unwrap();
    assert_eq!(receipt.result, acknowledged + 1);
    let view = roomy.query(GetBalance { id }).after(&receipt).await.unwrap().unwrap();
    assert_eq!((view.balance, view.changes), (acknowledged + 1, acknowledged + 1));
}
