//! Projections that write with statements of their own.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use cqrs_core::{
    Append, Engine, EventFilter, EventStore as _, NewEvent, Position, ReadModelStore as _, RecordedEvent, RequestId,
    Schema, StoreError, StreamId,
    event::EventSet,
    payload::DecodeError,
    projection::{InTransaction, TransactionProjection},
    store::{Cause, EventPage, ProjectionSink},
};
use cqrs_postgres::{PgTransaction, PostgresStore};
use tokio::sync::Barrier;

use crate::support::{Place, raw, run};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What an event holds: a statement that its handler gives.
struct Statement(String);

impl EventSet for Statement {
    fn names() -> Vec<&'static str> {
        vec!["statement"]
    }

    fn decode_any(_: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        let sql: String = serde_json::from_slice(payload).unwrap();
        Ok(Self(sql))
    }
}

struct Notes;

impl TransactionProjection for Notes {
    const PROJECTION_NAME: &'static str = "notes";
    type Event = Statement;
}

impl<'tx> InTransaction<PgTransaction<'tx>> for Notes {
    fn setup<'a>(tx: &'a mut PgTransaction<'tx>) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move {
            tx.batch_execute("CREATE TABLE notes (position bigint PRIMARY KEY, note text)").await.map_err(cause)
        })
    }

    fn handle<'a>(
        tx: &'a mut PgTransaction<'tx>,
        Statement(sql): Statement,
        recorded: &'a RecordedEvent,
    ) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move {
            if let Some(hidden) = sql.strip_prefix("hide ") {
                let _ = tx.batch_execute(hidden).await;
            } else if sql == "look" {
                tx.query("SELECT * FROM notes", &[]).await.map_err(cause)?;
            } else if sql.starts_with("note") {
                let position = i64::try_from(recorded.position.0).unwrap();
                let insert = "INSERT INTO notes (position, note) VALUES ($1, $2)";
                assert_eq!(tx.execute(insert, &[&position, &sql]).await.map_err(cause)?, 1);
                let count = "SELECT count(*) FROM notes WHERE position <= $1";
                let count = tx.query_one(count, &[&position]).await.map_err(cause)?;
                assert_eq!(count.get::<_, i64>(0), position);
            } else {
                tx.batch_execute(&sql).await.map_err(cause)?;
            }
            Ok(())
        })
    }
}

fn cause(error: impl std::error::Error + Send + Sync + 'static) -> Cause {
    Arc::new(error)
}

/// A store whose connections look for tables in its schema.
async fn open(place: &Place) -> PostgresStore {
    open_with(place, 10).await
}

async fn open_with(place: &Place, connections: usize) -> PostgresStore {
    let separator = if place.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}options=-csearch_path%3D{}", place.url(), place.schema());
    PostgresStore::builder(url).schema(place.schema()).connections(connections).open().await.unwrap()
}

async fn write(store: &PostgresStore, statements: &[&str]) -> EventPage {
    let stream = StreamId::of("thing", &"a").unwrap();
    for statement in statements {
        let event = NewEvent::new(&stream, "statement", serde_json::to_string(statement).unwrap());
        let append = Append::new(RequestId::random(), chrono::Utc::now()).event(event);
        store.append(&[append]).await.unwrap().remove(0).unwrap();
    }
    page(store, Position::START).await
}

async fn page(store: &PostgresStore, after: Position) -> EventPage {
    store.read(&EventFilter::everything(), after, 100).await.unwrap()
}

async fn notes(place: &Place) -> Vec<String> {
    let rows = raw(place).await.query("SELECT note FROM notes ORDER BY position", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn rows_and_checkpoint_are_of_one_transaction() {
    let place = Place::new();
    let store = open(&place).await;
    let sink = store.projection::<Notes>();
    assert_eq!((sink.name(), sink.filter()), ("notes", EventFilter::types(["statement"])));
    assert_eq!(sink.checkpoint().await.unwrap(), Position::START);
    assert_eq!(sink.prepare().await.unwrap(), Position::START);
    let first = write(&store, &["note 1", "note 2"]).await;
    sink.handle(Position::START, &first).await.unwrap();
    assert_eq!(sink.checkpoint().await.unwrap(), Position(2));
    assert_eq!(notes(&place).await, ["note 1", "note 2"]);
    // Again, by one that does not know: the checkpoint is looked at before any handler is called.
    let error = sink.handle(Position::START, &first).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::CheckpointMoved { projection, expected: Position::START, actual: Position(2) } if projection == "notes"),
        "{error:?}"
    );
    // Nothing but the checkpoint.
    let empty = EventPage { events: Vec::new(), read_to: Position(9) };
    sink.handle(Position(2), &empty).await.unwrap();
    let reopened = open(&place).await.projection::<Notes>();
    assert_eq!(reopened.prepare().await.unwrap(), Position(9));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_that_start_at_once_one_sets_up() {
    let place = Place::new();
    let barrier = Arc::new(Barrier::new(10));
    let mut starting = Vec::new();
    for _ in 0..10 {
        let (store, barrier) = (open(&place).await, Arc::clone(&barrier));
        starting.push(tokio::spawn(async move {
            barrier.wait().await;
            // It fails where the table is there.
            store.projection::<Notes>().prepare().await
        }));
    }
    for started in starting {
        assert_eq!(started.await.unwrap().unwrap(), Position::START);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_runners_one_writes() {
    let place = Place::new();
    let stores = [open(&place).await, open(&place).await];
    stores[0].projection::<Notes>().prepare().await.unwrap();
    for step in 0..20 {
        write(&stores[0], &["note"]).await;
        let page = page(&stores[0], Position(step)).await;
        let barrier = Arc::new(Barrier::new(2));
        let racers = stores.each_ref().map(|store| {
            let (sink, page, barrier) = (store.projection::<Notes>(), page.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                sink.handle(Position(step), &page).await
            })
        });
        let [first, second] = racers;
        match (first.await.unwrap(), second.await.unwrap()) {
            (Ok(()), Err(StoreError::CheckpointMoved { actual, .. }))
            | (Err(StoreError::CheckpointMoved { actual, .. }), Ok(())) => assert_eq!(actual, Position(step + 1)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(notes(&place).await.len(), 20);
}

#[tokio::test]
async fn an_event_that_fails_is_named_and_nothing_of_its_page_is_written() {
    let place = Place::new();
    let store = open(&place).await;
    let sink = store.projection::<Notes>();
    sink.prepare().await.unwrap();
    let page = write(&store, &["note 1", "SELECT 1 / 0", "note 2"]).await;
    let error = sink.handle(Position::START, &page).await.unwrap_err();
    let StoreError::Corrupt(corrupt) = &error else { panic!("{error:?}") };
    assert_eq!(corrupt.position, Position(2));
    assert!(corrupt.cause.contains("division by zero"), "{corrupt}");
    assert!(notes(&place).await.is_empty());
    assert_eq!(sink.checkpoint().await.unwrap(), Position::START);
}

#[tokio::test]
async fn what_will_pass_is_no_fault_of_the_event() {
    let place = Place::new();
    let store = open(&place).await;
    let sink = store.projection::<Notes>();
    sink.prepare().await.unwrap();
    for passing in [
        "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$",
        "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$",
        "SELECT pg_terminate_backend(pg_backend_pid())",
    ] {
        let before = store.head().await.unwrap();
        write(&store, &[passing]).await;
        let error = sink.handle(Position::START, &page(&store, before).await).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{passing}: {error:?}");
    }
    assert_eq!(sink.checkpoint().await.unwrap(), Position::START);
}

/// The server answers to `COMMIT` of a transaction in which a statement failed as if all were well.
#[tokio::test]
async fn a_handler_that_hides_an_error_does_not_lose_its_page() {
    let place = Place::new();
    let store = open(&place).await;
    let sink = store.projection::<Notes>();
    sink.prepare().await.unwrap();
    let page = write(&store, &["note 1", "hide SELECT 1 / 0"]).await;
    let error = sink.handle(Position::START, &page).await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("return the error")), "{error:?}");
    assert_eq!(sink.checkpoint().await.unwrap(), Position::START);
}

/// It would lose what comes before, or write it without the checkpoint.
#[tokio::test]
async fn a_handler_that_ends_the_transaction_does_not_move_the_checkpoint() {
    for (end, kept) in [("ROLLBACK", 0), ("ROLLBACK; BEGIN", 0), ("COMMIT", 1), ("COMMIT; BEGIN", 1)] {
        let place = Place::new();
        let store = open(&place).await;
        let sink = store.projection::<Notes>();
        sink.prepare().await.unwrap();
        let page = write(&store, &["note 1", end]).await;
        let error = sink.handle(Position::START, &page).await.unwrap_err();
        let StoreError::Failed { message, .. } = error else { panic!("{error:?}") };
        assert!(message.contains("ended the transaction"), "{message}");
        assert_eq!(sink.checkpoint().await.unwrap(), Position::START, "{end}");
        assert_eq!(notes(&place).await.len(), kept, "{end}");
    }
}

/// Given up wherever it waits, it leaves a connection that others can work with, and no half of anything.
#[tokio::test]
async fn a_call_given_up_is_whole_or_absent_and_its_connection_is_usable() {
    let place = Place::new();
    let store = open_with(&place, 1).await;
    let sink = store.projection::<Notes>();
    for polls in 1.. {
        if given_up(polls, sink.prepare()).await {
            break;
        }
        // Whoever comes next has that connection, and stands in no transaction of another's.
        store.head().await.unwrap();
        assert!(polls < 100);
    }
    let page = write(&store, &["note 1", "note 2"]).await;
    for polls in 1.. {
        let is_done = given_up(polls, sink.handle(Position::START, &page)).await;
        let checkpoint = sink.checkpoint().await.unwrap();
        let written = notes(&place).await.len();
        assert_eq!(written, if checkpoint == Position::START { 0 } else { 2 }, "after {polls} polls");
        if checkpoint != Position::START {
            break;
        }
        assert!(!is_done && polls < 100);
    }
}

/// Whether a future is done before it has been polled so often; if not, it is dropped.
async fn given_up<T>(polls: usize, future: impl Future<Output = Result<T, StoreError>>) -> bool {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|task| match future.as_mut().poll(task) {
        Poll::Ready(answer) => {
            answer.unwrap();
            Poll::Ready(true)
        }
        Poll::Pending => {
            polled += 1;
            if polled == polls { Poll::Ready(false) } else { Poll::Pending }
        }
    })
    .await
}

#[tokio::test]
async fn a_name_is_of_one_projection() {
    static SCHEMA: Schema = Schema {
        name: "notes",
        columns: &[cqrs_core::ColumnSchema { name: "id", column_type: cqrs_core::ColumnType::Int, nullable: false }],
        shape: 1,
    };
    let place = Place::new();
    let store = open(&place).await;
    store.prepare(&SCHEMA).await.unwrap();
    let error = store.projection::<Notes>().prepare().await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("of a read model")), "{error:?}");
    let lease = store.projection::<Notes>().lease().await.unwrap();
    assert!(lease.is_shared());
}

#[tokio::test]
async fn what_cannot_be_set_up_says_so_and_leaves_nothing() {
    let place = Place::new();
    let store = open(&place).await;
    run(&place, "CREATE TABLE notes ()").await;
    let error = store.projection::<Notes>().prepare().await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("cannot be set up")), "{error:?}");
    run(&place, "DROP TABLE notes").await;
    assert_eq!(store.projection::<Notes>().prepare().await.unwrap(), Position::START);
}

#[tokio::test]
async fn behind_a_pooler_nothing_stays_prepared() {
    let place = Place::new();
    let store = open(&place).await;
    drop(store);
    let separator = if place.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{separator}options=-csearch_path%3D{}", place.url(), place.schema());
    let store = PostgresStore::builder(url).schema(place.schema()).transaction_pooling(true).open().await.unwrap();
    let sink = store.projection::<Notes>();
    sink.prepare().await.unwrap();
    let page = write(&store, &["note 1", "note 2"]).await;
    sink.handle(Position::START, &page).await.unwrap();
    assert_eq!(notes(&place).await, ["note 1", "note 2"]);
}

/// A table changed under a prepared statement is no fault of the event, nor for ever.
#[tokio::test]
async fn a_table_may_change_while_a_projection_runs() {
    let place = Place::new();
    let store = open(&place).await;
    let sink = store.projection::<Notes>();
    sink.prepare().await.unwrap();
    write(&store, &["look", "look"]).await;
    let looks = page(&store, Position::START).await.events;
    let page = |number: usize, read_to| EventPage { events: vec![looks[number].clone()], read_to: Position(read_to) };
    sink.handle(Position::START, &page(0, 1)).await.unwrap();
    run(&place, "ALTER TABLE notes ADD extra text").await;
    let changed = sink.handle(Position(1), &page(1, 2)).await.unwrap_err();
    assert!(matches!(changed, StoreError::Unavailable { .. }), "{changed:?}");
    sink.handle(Position(1), &page(1, 2)).await.unwrap();
}

/// The server has committed, and nobody hears of it.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_of_unknown_outcome() {
    let place = Place::new();
    open(&place).await.projection::<Notes>().prepare().await.unwrap();
    let (proxy, builder) = place.behind_a_proxy();
    let store = builder.open().await.unwrap();
    let sink = store.projection::<Notes>();
    let empty = |read_to| EventPage { events: Vec::new(), read_to: Position(read_to) };
    sink.handle(Position::START, &empty(1)).await.unwrap();
    proxy.cut_next_answer();
    let lost = sink.handle(Position(1), &empty(2)).await.unwrap_err();
    assert!(matches!(lost, StoreError::Unknown { .. }), "{lost:?}");
    assert_eq!(sink.checkpoint().await.unwrap(), Position(2));
}

/// Two engines, as two processes would have them: the one that does not run it takes over.
#[tokio::test]
async fn a_projection_goes_on_where_its_runner_ended() {
    let place = Place::new();
    let store = open(&place).await;
    let mut engines = Vec::new();
    for _ in 0..2 {
        let store = open(&place).await;
        engines.push(Engine::builder(store.clone()).run(store.projection::<Notes>()).start().await.unwrap());
    }
    let raw = raw(&place).await;
    for round in 1..=3 {
        write(&store, &["note", "note"]).await;
        while notes(&place).await.len() < 2 * round {
            tokio::task::yield_now().await;
        }
        // Between two runners there is none; the former may write on until it notices.
        let end = "SELECT pg_terminate_backend(backend) FROM running WHERE projection = 'notes'";
        while raw.execute(end, &[]).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(notes(&place).await.len(), 6);
}
