//! Transactions that others leave open: nothing waits for them.

use std::time::Duration;

use cqrs::{EventFilter, EventStore as _};
use cqrs_postgres::tokio_postgres::{self, Client, NoTls};
use tokio::time::{Instant, timeout};

use crate::{account::*, load::long_or, support::Place};

/// How long a call may take beside them: long, for the machine may be busy, yet far below how long they stay open.
fn stalled() -> Duration {
    long_or(Duration::from_secs(10), Duration::from_secs(20))
}

fn open_for() -> Duration {
    long_or(Duration::from_secs(1), Duration::from_secs(60))
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A transaction that has written and stays open.
async fn open_write(url: &str) -> Client {
    let client = connect(url).await;
    client.batch_execute("BEGIN; CREATE TABLE forgotten (n int); INSERT INTO forgotten VALUES (1)").await.unwrap();
    let id = client.query_one("SELECT pg_current_xact_id_if_assigned() IS NOT NULL", &[]).await.unwrap();
    assert!(id.get::<_, bool>(0), "the transaction has an id, which is what others would wait for");
    client
}

/// Appends, waits, reads and projects for as long as the transactions are open. Each call must end in time.
async fn nothing_stalls(place: &Place) {
    let engine = engine(place.store().await).await;
    let follower = place.store().await;
    let id = open(&engine).await;
    let first = engine.head().await.unwrap();
    let mut deposited = 0;
    let until = Instant::now() + open_for();
    while deposited < 20 || Instant::now() < until {
        let before = engine.head().await.unwrap();
        let waiting = {
            let follower = follower.clone();
            tokio::spawn(async move { follower.wait_beyond(before).await })
        };
        let step = async {
            let receipt = engine.execute(Deposit { id, amount: 1 }).await.unwrap();
            assert_eq!(waiting.await.unwrap().unwrap(), receipt.position);
            let page = follower.read(&EventFilter::everything(), before, 10).await.unwrap();
            assert_eq!((page.read_to, page.events.len()), (receipt.position, 1), "what is committed is read at once");
            engine.query(GetBalance { id }).after(&receipt).within(stalled()).await.unwrap().unwrap()
        };
        let view = timeout(stalled(), step).await.expect("nothing stalls");
        deposited += 1;
        assert_eq!((view.balance, view.changes), (deposited, deposited));
    }
    assert_eq!(engine.head().await.unwrap(), first.plus(deposited));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_write_in_another_database_stalls_nothing() {
    let forgotten = open_write(&test_server::shared().fresh_database().unwrap()).await;
    nothing_stalls(&Place::new()).await;
    forgotten.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_write_beside_the_log_stalls_nothing() {
    let place = Place::new();
    let forgotten = open_write(place.url()).await;
    nothing_stalls(&place).await;
    forgotten.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_s_snapshot_stalls_nothing() {
    let place = Place::new();
    open(&engine(place.store().await).await).await;
    let reader = connect(place.url()).await;
    let count = async || {
        let counted = format!("SELECT count(*) FROM {}.events", place.schema());
        reader.query_one(&counted, &[]).await.unwrap().get::<_, i64>(0)
    };
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    assert_eq!(count().await, 1);
    nothing_stalls(&place).await;
    assert_eq!(count().await, 1, "its snapshot is as old as ever");
    reader.batch_execute("COMMIT").await.unwrap();
    assert!(count().await > 20);
}
