//! Projections that write with statements of their own, into a store that anybody could have written: the contract is
//! enough for a third party.

use std::{
    collections::BTreeMap,
    marker::PhantomData,
    mem,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use cqrs::{
    Append, EventFilter, EventStore, InTransaction, MemoryStore, NewEvent, Position, RecordedEvent, RequestId,
    StoreError, StreamId,
    prelude::*,
    projection::handle_events,
    store::{EventPage, ProjectionSink},
};
use tokio::sync::{Mutex, MutexGuard, Notify};

use crate::account::*;

/// A database with one table of counters.
#[derive(Clone, Default)]
struct Counters {
    committed: Arc<Mutex<Committed>>,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct Committed {
    counts: BTreeMap<String, u64>,
    checkpoints: BTreeMap<&'static str, Position>,
}

#[derive(Default)]
struct Faults {
    /// How many statements fail from now on, and would not if they were repeated.
    busy: AtomicU32,
    /// Whether the next statement waits for ever.
    hang: AtomicU32,
    hanging: Notify,
}

/// Holds the database's lock, so it borrows, as transactions do.
struct Transaction<'t> {
    committed: MutexGuard<'t, Committed>,
    counts: BTreeMap<String, u64>,
    faults: &'t Faults,
}

#[derive(Debug, thiserror::Error)]
#[error("the database is busy")]
struct Busy;

fn take(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Transaction<'_> {
    async fn add(&mut self, counter: impl Into<String>, amount: u64) -> Result<(), Busy> {
        *self.counts.entry(counter.into()).or_default() += amount;
        if take(&self.faults.busy) {
            return Err(Busy);
        }
        if take(&self.faults.hang) {
            self.faults.hanging.notify_one();
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        Ok(())
    }

    fn commit(mut self, projection: &'static str, checkpoint: Position) {
        self.committed.counts = mem::take(&mut self.counts);
        self.committed.checkpoints.insert(projection, checkpoint);
    }
}

impl Counters {
    async fn begin(&self) -> Transaction<'_> {
        let committed = self.committed.lock().await;
        Transaction { counts: committed.counts.clone(), committed, faults: &self.faults }
    }

    fn projection<P>(&self) -> Sink<P> {
        Sink { counters: self.clone(), projection: PhantomData }
    }

    async fn count(&self, counter: &str) -> u64 {
        self.committed.lock().await.counts.get(counter).copied().unwrap_or_default()
    }
}

struct Sink<P> {
    counters: Counters,
    projection: PhantomData<fn() -> P>,
}

#[async_trait]
impl<P> ProjectionSink for Sink<P>
where
    P: for<'t> InTransaction<Transaction<'t>>,
{
    fn name(&self) -> &'static str {
        P::PROJECTION_NAME
    }

    fn filter(&self) -> EventFilter {
        P::filter()
    }

    async fn prepare(&self) -> Result<Position, StoreError> {
        let mut tx = self.counters.begin().await;
        let checkpoint = tx.committed.checkpoints.get(P::PROJECTION_NAME).copied().unwrap_or_default();
        P::setup(&mut tx)
            .await
            .map_err(|error| StoreError::Failed { message: error.to_string(), source: Some(error) })?;
        tx.commit(P::PROJECTION_NAME, checkpoint);
        Ok(checkpoint)
    }

    async fn checkpoint(&self) -> Result<Position, StoreError> {
        Ok(self.counters.committed.lock().await.checkpoints[P::PROJECTION_NAME])
    }

    async fn handle(&self, expected: Position, page: &EventPage) -> Result<(), StoreError> {
        let mut tx = self.counters.begin().await;
        let actual = tx.committed.checkpoints[P::PROJECTION_NAME];
        if actual != expected {
            return Err(StoreError::CheckpointMoved { projection: P::PROJECTION_NAME.into(), expected, actual });
        }
        handle_events::<P, _>(&mut tx, &page.events, |error| {
            let busy = error.downcast_ref::<Busy>()?;
            Some(StoreError::Unavailable { message: busy.to_string(), source: None })
        })
        .await?;
        tx.commit(P::PROJECTION_NAME, page.read_to);
        Ok(())
    }
}

/// Counts what happens, in several rows an event.
struct Turnover;

#[derive(Debug, thiserror::Error)]
enum TurnoverError {
    #[error("the count was not kept")]
    Database(#[from] Busy),
    #[error("nobody withdraws {0}")]
    Unlucky(u64),
}

#[projection(event = AccountEvent, name = "turnover", transaction = Transaction, ignore(Closed))]
impl Turnover {
    #[setup]
    async fn tables(tx: &mut Transaction<'_>) -> Result<(), Busy> {
        tx.add("prepared", 1).await
    }

    #[on(Opened)]
    async fn opened(tx: &mut Transaction<'_>, owner: &str) -> Result<(), Busy> {
        tx.add(format!("opened by {owner}"), 1).await
    }

    #[on(Deposited, Withdrawn)]
    async fn moved(
        tx: &mut Transaction<'_>,
        id: Uuid,
        amount: u64,
        #[recorded] recorded: &RecordedEvent,
    ) -> Result<(), TurnoverError> {
        match (&*recorded.event_type, amount) {
            ("account.withdrawn", 13) => return Err(TurnoverError::Unlucky(amount)),
            ("account.withdrawn", 666) => panic!("a bug on purpose"),
            _ => {}
        }
        tx.add("events", 1).await?;
        tx.add(format!("turnover of {id}"), amount).await?;
        Ok(tx.add(&*recorded.event_type, amount).await?)
    }
}

/// What is turned over, as fresh as the caller asks.
#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
struct GetTurnover {
    id: Uuid,
}

struct Reports {
    engine: Engine,
    counters: Counters,
}

#[query_handlers]
impl Reports {
    #[handle]
    async fn turnover(&self, query: GetTurnover) -> Result<u64, QueryError> {
        self.engine.wait_for::<Turnover>().await?;
        Ok(self.counters.count(&format!("turnover of {}", query.id)).await)
    }
}

#[derive(Dispatcher)]
struct App {
    engine: Engine,
    reports: Reports,
}

async fn engine_with(store: &MemoryStore, counters: &Counters) -> Engine {
    Engine::builder(store.clone()).run(counters.projection::<Turnover>()).start().await.unwrap()
}

#[tokio::test]
async fn a_query_of_statements_sees_what_the_command_before_it_did() {
    let (store, counters) = (MemoryStore::new(), Counters::default());
    let engine = engine_with(&store, &counters).await;
    let app = App { engine: engine.clone(), reports: Reports { engine, counters: counters.clone() } };
    let id = open(&app.engine).await;

    for amount in 1..=20 {
        let deposited = app.execute(Deposit { id, amount: 1 }).await.unwrap();
        assert_eq!(app.query(GetTurnover { id }).after(&deposited).await.unwrap(), amount);
    }
    let withdrawn = app.execute(Withdraw { id, amount: 5 }).await.unwrap();
    app.engine.wait_for::<Turnover>().after(&withdrawn).await.unwrap();

    assert_eq!(counters.count(&format!("opened by owner of {id}")).await, 1);
    assert_eq!(counters.count("account.deposited").await, 20);
    assert_eq!(counters.count("account.withdrawn").await, 5);
    assert_eq!(counters.count("events").await, 21);
    assert_eq!(counters.count("prepared").await, 1);
}

#[tokio::test]
async fn a_wait_for_what_never_comes_ends() {
    let engine = engine_with(&MemoryStore::new(), &Counters::default()).await;
    let error = engine.wait_for::<Turnover>().after(Position(9)).within(Duration::from_millis(20)).await.unwrap_err();
    assert!(matches!(error, QueryError::TooStale { model: "turnover", wanted: Position(9), .. }), "{error}");

    let without = Engine::builder(MemoryStore::new()).start().await.unwrap();
    let error = without.wait_for::<Turnover>().await.unwrap_err();
    assert!(error.to_string().contains(".run("), "{error}");
}

#[tokio::test]
async fn errors_of_the_driver_that_will_pass_are_tried_again_and_count_once() {
    let (store, counters) = (MemoryStore::new(), Counters::default());
    let engine = engine_with(&store, &counters).await;
    let id = open(&engine).await;
    // The second one is met behind what the handler makes of it.
    counters.faults.busy.store(2, Ordering::SeqCst);
    for _ in 0..50 {
        engine.execute(Deposit { id, amount: 1 }).await.unwrap();
    }

    engine.wait_for::<Turnover>().after(engine.head().await.unwrap()).await.unwrap();

    assert_eq!(counters.faults.busy.load(Ordering::SeqCst), 0, "both were met");
    assert_eq!(counters.count("events").await, 50);
    assert_eq!(counters.count(&format!("turnover of {id}")).await, 50);
}

#[tokio::test]
async fn a_projection_that_ends_in_the_middle_of_an_event_leaves_nothing_of_it() {
    let (store, counters) = (MemoryStore::new(), Counters::default());
    let first = engine_with(&store, &counters).await;
    let id = open(&first).await;
    first.wait_for::<Turnover>().after(Position(1)).await.unwrap();
    counters.faults.hang.store(1, Ordering::SeqCst);
    first.execute(Deposit { id, amount: 7 }).await.unwrap();
    counters.faults.hanging.notified().await;
    drop(first);

    let second = engine_with(&store, &counters).await;
    let last = second.execute(Deposit { id, amount: 7 }).await.unwrap();
    second.wait_for::<Turnover>().after(&last).await.unwrap();

    assert_eq!(counters.count("events").await, 2);
    assert_eq!(counters.count(&format!("turnover of {id}")).await, 14);
    assert_eq!(counters.count("prepared").await, 2, "tables are looked after at every start");
}

#[tokio::test]
async fn an_event_that_cannot_be_handled_stops_it_with_all_before_it_shown() {
    for (amount, cause) in [(13, "nobody withdraws 13"), (666, "a bug on purpose")] {
        let (store, counters) = (MemoryStore::new(), Counters::default());
        let silent = Engine::builder(store.clone()).start().await.unwrap();
        let id = open(&silent).await;
        silent.execute(Deposit { id, amount: 1000 }).await.unwrap();
        let fault = silent.execute(Withdraw { id, amount }).await.unwrap();
        silent.execute(Deposit { id, amount: 1 }).await.unwrap();

        let engine = engine_with(&store, &counters).await;
        let error = engine.wait_for::<Turnover>().after(&fault).await.unwrap_err().to_string();

        assert!(error.contains("event 3") && error.contains(cause), "{error}");
        assert_eq!(engine.projections()[0].position, Position(2));
        engine.wait_for::<Turnover>().after(Position(2)).await.unwrap();
        assert_eq!(counters.count("account.deposited").await, 1000, "what comes before it is shown, and nothing after");
        assert_eq!(counters.count("account.withdrawn").await, 0);
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_stops_it() {
    let (store, counters) = (MemoryStore::new(), Counters::default());
    let stream = StreamId::of("account", &Uuid::nil()).unwrap();
    let append = Append::new(RequestId::random(), Utc::now()).event(NewEvent::new(&stream, "account.deposited", "[]"));
    store.append(&[append]).await.unwrap().remove(0).unwrap();

    let engine = engine_with(&store, &counters).await;
    let error = engine.wait_for::<Turnover>().after(Position(1)).await.unwrap_err().to_string();

    assert!(error.contains("event 1"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_engines_on_one_database_count_every_event_once() {
    let (store, counters) = (MemoryStore::new(), Counters::default());
    let engines = [engine_with(&store, &counters).await, engine_with(&store, &counters).await];
    let id = open(&engines[0]).await;

    for round in 0..300 {
        engines[round % 2].execute(Deposit { id, amount: 1 }).await.unwrap();
    }
    for engine in &engines {
        engine.wait_for::<Turnover>().after(engine.head().await.unwrap()).await.unwrap();
    }

    assert_eq!(counters.count("events").await, 300);
}

#[tokio::test]
async fn two_projections_of_one_name_are_refused() {
    let counters = Counters::default();
    let builder = Engine::builder(MemoryStore::new())
        .run(counters.projection::<Turnover>())
        .run(counters.projection::<Turnover>());
    let error = builder.start().await.unwrap_err();
    assert!(error.to_string().contains("`turnover`"), "{error}");
}
