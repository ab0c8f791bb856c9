//! R6: one runner of a projection.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use cqrs_core::{ReadModelStore as _, StoreError, store::Lease};
use cqrs_postgres::{
    PostgresStore,
    deadpool_postgres::{Manager, Pool, Runtime},
    tokio_postgres::NoTls,
};
use tokio::{task::JoinHandle, time::timeout};

use crate::support::{Place, raw};

/// Longer than anybody waits between two tries.
const SEVERAL_TRIES: Duration = Duration::from_millis(800);

/// Waits for a lease in the background.
fn waiting(store: &PostgresStore, projection: &'static str) -> JoinHandle<Result<Lease, StoreError>> {
    let store = store.clone();
    tokio::spawn(async move { store.lease(projection).await })
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> bool {
    poll_fn(|task| Poll::Ready(future.as_mut().poll(task).is_ready())).await
}

/// Who runs what, as operators see it: names, and the server's processes.
async fn running(place: &Place) -> Vec<(String, i32)> {
    let sql = "SELECT projection, backend FROM running ORDER BY projection";
    let rows = raw(place).await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn end(place: &Place, backend: i32) {
    raw(place).await.execute("SELECT pg_terminate_backend($1)", &[&backend]).await.unwrap();
}

#[tokio::test]
async fn one_runs_a_projection_and_another_takes_over_when_its_connection_ends() {
    let place = Place::new();
    let (ours, theirs) = (place.store().await, place.store().await);
    let mut lease = ours.lease("users").await.unwrap();
    assert!(lease.is_shared() && !lease.is_lost());
    let _orders = ours.lease("orders").await.unwrap();
    let [(_, backend), (users, same)] = &*running(&place).await else { panic!("two are running") };
    assert_eq!((&**users, backend), ("users", same));

    let mut waits = waiting(&theirs, "users");
    assert!(timeout(SEVERAL_TRIES, &mut waits).await.is_err(), "somebody has it");
    // Of another projection it may have the lease.
    drop(theirs.lease("invoices").await.unwrap());

    end(&place, *backend).await;
    lease.lost().await;
    let taken = waits.await.unwrap().unwrap();
    assert!(!taken.is_lost());
    // What is given back late gives nobody's away.
    drop(lease);
    let mut waits = waiting(&ours, "users");
    assert!(timeout(SEVERAL_TRIES, &mut waits).await.is_err());
    drop(taken);
    waits.await.unwrap().unwrap();
}

/// A session could take its own lock twice.
#[tokio::test]
async fn two_engines_of_one_store_take_turns() {
    let place = Place::new();
    let store = place.store().await;
    let lease = store.lease("users").await.unwrap();
    let mut waits = waiting(&store, "users");
    assert!(timeout(SEVERAL_TRIES, &mut waits).await.is_err());
    drop(lease);
    let lease = waits.await.unwrap().unwrap();
    // Given back, it is everybody's.
    let other = waiting(&place.store().await, "users");
    drop(lease);
    other.await.unwrap().unwrap();
}

#[tokio::test]
async fn logs_have_leases_of_their_own() {
    let place = Place::new();
    let orders = place.builder().log("orders").open().await.unwrap();
    let main = place.store().await;
    let _main = main.lease("users").await.unwrap();
    let _orders = orders.lease("users").await.unwrap();
}

#[tokio::test]
async fn who_gives_up_waiting_holds_nothing() {
    let place = Place::new();
    let (ours, theirs) = (place.store().await, place.store().await);
    for _ in 0..20 {
        // Dropped at any moment, also between the grant and the answer.
        assert!(!poll_once(pin!(ours.lease("users"))).await);
        tokio::task::yield_now().await;
    }
    drop(theirs.lease("users").await.unwrap());
    let _lease = ours.lease("users").await.unwrap();
    assert_eq!(running(&place).await.len(), 1);
}

#[tokio::test]
async fn nobody_is_shown_who_does_not_run() {
    let place = Place::new();
    let store = place.store().await;
    let _other = store.lease("orders").await.unwrap();
    let lease = store.lease("users").await.unwrap();
    let row = raw(&place).await.query_one("SELECT * FROM running WHERE projection = 'users'", &[]).await.unwrap();
    assert_eq!(row.get::<_, Option<&str>>("application"), Some("cqrs"));
    assert_eq!(row.get::<_, i64>("process"), i64::from(std::process::id()));
    drop(lease);
    while running(&place).await.len() > 1 {
        tokio::task::yield_now().await;
    }
    // Those who died are written down, and not shown.
    let [(_, backend)] = &*running(&place).await else { panic!("one is running") };
    end(&place, *backend).await;
    while !running(&place).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_given_pool_lends_a_connection_for_leases() {
    let place = Place::new();
    let pool = Pool::builder(Manager::new(place.url().parse().unwrap(), NoTls)).max_size(2).runtime(Runtime::Tokio1);
    let pool = pool.build().unwrap();
    let store = PostgresStore::with_pool(pool.clone()).schema(place.schema()).open().await.unwrap();
    let mut lease = store.lease("users").await.unwrap();
    // All that the pool may have are there for others.
    let (_one, _two) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    let [(_, backend)] = &*running(&place).await else { panic!("one is running") };
    end(&place, *backend).await;
    lease.lost().await;
}

#[tokio::test]
async fn behind_a_pooler_everybody_may_run() {
    let place = Place::new();
    let store = place.builder().transaction_pooling(true).open().await.unwrap();
    let (one, two) = (store.lease("users").await.unwrap(), store.lease("users").await.unwrap());
    assert!(!one.is_shared() && !two.is_shared());
}
