//! A server, or a network, that says nothing any more and closes nothing: everything ends, and goes on elsewhere.

use std::{pin::Pin, sync::Arc, time::Duration};

use cqrs_core::{
    Append, EventFilter, EventStore as _, Position, ReadModelStore as _, RecordedEvent, StoreError,
    event::EventSet,
    payload::DecodeError,
    projection::{InTransaction, TransactionProjection},
    store::{Cause, ProjectionSink as _},
};
use cqrs_postgres::{PgTransaction, PostgresBuilder, PostgresStore};
use test_server::Proxy;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    roles::{assert_gapless, full, read_all, with, write},
    support::Place,
};

/// Longer than anything takes that waits for a second before it gives up, and shorter than what waits for ever.
const SOON: Duration = Duration::from_secs(60);

/// A way that can fall silent, and a store that is patient for a second.
fn impatient(place: &Place) -> (Proxy, PostgresBuilder) {
    let (proxy, way) = place.proxied();
    let builder = PostgresStore::builder(with(way.url(), "tcp_user_timeout=1")).schema(place.schema()).connections(4);
    (proxy, builder)
}

/// As many connections in the pool as there may be.
async fn warm(store: &PostgresStore) {
    let mut reads = JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        reads.spawn(async move { store.head().await });
    }
    for read in reads.join_all().await {
        read.unwrap();
    }
}

async fn in_time<T>(answer: impl Future<Output = T>) -> T {
    timeout(SOON, answer).await.expect("it waits for ever")
}

fn is_lost<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unknown { .. } | StoreError::Unavailable { .. }))
}

#[tokio::test]
async fn an_append_ends_and_its_request_tells_the_outcome() {
    let place = Place::new();
    let (proxy, builder) = impatient(&place);
    let store = builder.open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    proxy.silence(true);
    let lost = full("b");
    let answer = in_time(store.append(std::slice::from_ref(&lost))).await;
    assert!(matches!(answer, Err(StoreError::Unknown { .. })), "{answer:?}");
    // Now connections cannot be made either.
    let answer = in_time(store.append(std::slice::from_ref(&lost))).await;
    assert!(is_lost(&answer), "{answer:?}");
    proxy.silence(false);
    let appended = loop {
        let answer = in_time(store.append(std::slice::from_ref(&lost))).await;
        if !is_lost(&answer) {
            break answer.unwrap().remove(0).unwrap();
        }
    };
    assert_eq!((appended.last, appended.count), (Position(2), 1));
    let events = read_all(&store).await;
    assert_eq!(events.len(), 2);
    assert_gapless(&events);
}

/// A router forgets connections that are idle for long; those that are made anew work.
#[tokio::test]
async fn one_call_finds_out_that_all_connections_are_forgotten() {
    let place = Place::new();
    let (proxy, builder) = impatient(&place);
    let store = builder.open().await.unwrap();
    warm(&store).await;
    proxy.forget();
    let append: [Append; 1] = [full("a")];
    let answer = in_time(store.append(&append)).await;
    assert!(matches!(answer, Err(StoreError::Unknown { .. })), "{answer:?}");
    in_time(store.append(&append)).await.unwrap().remove(0).unwrap();
    warm(&store).await;
    proxy.forget();
    // What only reads is asked for again by the store.
    assert_eq!(in_time(store.head()).await.unwrap(), Position(1));
}

#[tokio::test]
async fn who_waits_hears_of_events_when_the_listening_connection_is_forgotten() {
    let place = Place::new();
    let (proxy, builder) = impatient(&place);
    let (waiting, theirs) = (builder.poll_interval(Duration::MAX).open().await.unwrap(), place.store().await);
    let idle = proxy.open();
    let wait = tokio::spawn(async move { waiting.wait_beyond(Position(1)).await.unwrap() });
    let mut reached = write(&theirs, full("a")).await.unwrap().last;
    while proxy.open() == idle {
        sleep(Duration::from_millis(5)).await;
    }
    // Whether it listens already or is about to.
    proxy.forget();
    reached = write(&theirs, full("b")).await.unwrap().last.max(reached);
    assert_eq!(in_time(wait).await.unwrap(), reached);
}

#[tokio::test]
async fn a_lease_is_lost_with_its_connection_and_had_on_another() {
    let place = Place::new();
    let (proxy, builder) = impatient(&place);
    let store = builder.open().await.unwrap();
    // The first connection is made in silence, and forgotten.
    let idle = proxy.open();
    proxy.silence(true);
    let wait = tokio::spawn({
        let store = store.clone();
        async move { store.lease("users").await }
    });
    while proxy.open() == idle {
        sleep(Duration::from_millis(5)).await;
    }
    proxy.forget();
    proxy.silence(false);
    let refused = in_time(wait).await.unwrap();
    assert!(is_lost(&refused), "{refused:?}");

    let mut lease = in_time(store.lease("users")).await.unwrap();
    proxy.forget();
    in_time(lease.lost()).await;
    // The server hears of it, and others may have it.
    proxy.cut();
    in_time(place.store().await.lease("users")).await.unwrap();
}

struct Counted;

struct Anything;

impl EventSet for Anything {
    fn names() -> Vec<&'static str> {
        vec!["thing.happened"]
    }

    fn decode_any(_: &str, _: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl TransactionProjection for Counted {
    const PROJECTION_NAME: &'static str = "counted";
    type Event = Anything;
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<'tx> InTransaction<PgTransaction<'tx>> for Counted {
    /// Notes how soon the server finds out that a client is gone, which holds locks.
    fn setup<'a>(tx: &'a mut PgTransaction<'tx>) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move {
            let row = tx.query_one("SELECT current_setting('tcp_keepalives_idle')::int", &[]).await;
            assert!(row.map_err(cause)?.get::<_, i32>(0) <= 10, "the server asks whether its client lives");
            Ok(())
        })
    }

    fn handle<'a>(
        tx: &'a mut PgTransaction<'tx>,
        _: Anything,
        _: &'a RecordedEvent,
    ) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async move { tx.batch_execute("SELECT 1").await.map_err(cause) })
    }
}

fn cause(error: cqrs_postgres::tokio_postgres::Error) -> Cause {
    Arc::new(error)
}

#[tokio::test]
async fn a_projection_that_writes_itself_begins_again() {
    let place = Place::new();
    let (proxy, builder) = impatient(&place);
    let store = builder.open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    let counted = store.projection::<Counted>();
    assert_eq!(counted.prepare().await.unwrap(), Position::START);
    let page = store.read(&EventFilter::everything(), Position::START, 10).await.unwrap();
    warm(&store).await;
    proxy.forget();
    let answer = in_time(counted.handle(Position::START, &page)).await;
    assert!(is_lost(&answer), "{answer:?}");
    // Whatever the server still holds for the one before.
    in_time(counted.handle(Position::START, &page)).await.unwrap();
    assert_eq!(counted.checkpoint().await.unwrap(), page.read_to);
}
