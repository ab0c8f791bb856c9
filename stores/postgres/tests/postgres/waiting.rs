//! Waiting for what other processes write, through the server's notifications and without them.

use std::time::Duration;

use chrono::Utc;
use cqrs_core::{Append, EventStore as _, NewEvent, Position, RequestId, StreamId};
use cqrs_postgres::{PostgresStore, tokio_postgres};

use crate::support::Place;

/// Longer than any test runs: what comes sooner was notified.
const NEVER: Duration = Duration::from_secs(3600);

async fn append(store: &PostgresStore) -> Position {
    let stream = StreamId::of("user", &RequestId::random()).unwrap();
    let append = Append::new(RequestId::random(), Utc::now()).event(NewEvent::new(&stream, "user.created", "{}"));
    store.append(&[append]).await.unwrap().remove(0).unwrap().last
}

async fn admin(place: &Place) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(place.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Who listens on the channel of a place.
async fn listeners(admin: &tokio_postgres::Client, place: &Place) -> Vec<i32> {
    let asked = "SELECT pid FROM pg_stat_activity WHERE query = $1";
    let listen = format!("LISTEN \"cqrs {}.\"", place.schema());
    admin.query(asked, &[&listen]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn until<T>(mut asked: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = asked().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.unwrap()
}

#[tokio::test]
async fn the_server_wakes_who_waits_also_after_a_lost_connection() {
    let place = Place::new();
    let waiting = place.builder().poll_interval(NEVER).open().await.unwrap();
    let (theirs, admin) = (place.store().await, admin(&place).await);
    assert!(listeners(&admin, &place).await.is_empty(), "nobody waits yet");

    let waiter = |after: Position| {
        tokio::spawn({
            let store = waiting.clone();
            async move { store.wait_beyond(after).await.unwrap() }
        })
    };
    let waiters = [waiter(Position::START), waiter(Position::START)];
    let listener = until(async || listeners(&admin, &place).await.pop()).await;
    let first = append(&theirs).await;
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap(), first);
    }

    let next = waiter(first);
    admin.execute("SELECT pg_terminate_backend($1)", &[&listener]).await.unwrap();
    let second = append(&theirs).await;
    assert_eq!(next.await.unwrap(), second);
    until(async || listeners(&admin, &place).await.pop().filter(|pid| *pid != listener)).await;

    drop(waiting);
    until(async || listeners(&admin, &place).await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn without_notifications_it_is_looked_for() {
    let place = Place::new();
    let pooled = place.builder().transaction_pooling(true).poll_interval(Duration::from_millis(5));
    let (waiting, theirs) = (pooled.open().await.unwrap(), place.store().await);
    let wait = tokio::spawn(async move { waiting.wait_beyond(Position::START).await.unwrap() });
    let first = append(&theirs).await;
    assert_eq!(wait.await.unwrap(), first);
}

#[tokio::test]
async fn given_up_waiting_leaves_the_turn_to_others() {
    let place = Place::new();
    let store = place.store().await;
    for _ in 0..50 {
        let wait = store.wait_beyond(Position(100));
        assert!(tokio::time::timeout(Duration::from_micros(200), wait).await.is_err());
    }
    let other = place.store().await;
    let wait = tokio::spawn(async move { store.wait_beyond(Position::START).await.unwrap() });
    let first = append(&other).await;
    assert_eq!(wait.await.unwrap(), first);
}

#[tokio::test]
async fn any_interval_and_any_number_of_connections_will_do() {
    let place = Place::new();
    for interval in [Duration::ZERO, Duration::MAX] {
        let builder = place.builder().poll_interval(interval).connections(usize::MAX);
        let (waiting, theirs) = (builder.open().await.unwrap(), place.store().await);
        let after = theirs.head().await.unwrap();
        let wait = tokio::spawn(async move { waiting.wait_beyond(after).await.unwrap() });
        let admin = admin(&place).await;
        until(async || listeners(&admin, &place).await.pop()).await;
        let next = append(&theirs).await;
        assert_eq!(tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap().unwrap(), next);
    }
}
