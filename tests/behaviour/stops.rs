//! A projection that has stopped says so, to those who wait for it and to a health check, whatever stopped it.

use std::{future::IntoFuture as _, time::Duration};

use cqrs::{EventStore as _, MemoryStore, Position, ReadModelStore as _, prelude::*, query::QueryError};
use tokio::{runtime, time::timeout};

use crate::{
    account::*,
    faulty::{Fault, Faulty},
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(10);

/// That a query that waits is told, and a health check too.
async fn assert_stopped(engine: &Engine, cause: &str) {
    let query = engine.query(GetBalance { id: Uuid::nil() }).after(Position(u64::MAX)).within(LONG * 2);
    let error = timeout(LONG, query.into_future()).await.expect("it hangs").unwrap_err();
    assert!(
        matches!(&error, QueryError::ProjectionStopped { cause: told, .. } if told.contains(cause)),
        "{error} does not say {cause}"
    );
    let status = engine.projections().remove(0);
    assert!(status.stopped.is_some_and(|told| told.contains(cause)) && !status.running);
}

#[tokio::test]
async fn a_store_that_panics_is_no_running_projection() {
    let store = Faulty::new(MemoryStore::new(), |_| Fault::None)
        .reading(|call| if call < 2 { Fault::None } else { Fault::Panic });
    let engine = engine(store).await;
    open(&engine).await;

    assert_stopped(&engine, "ended").await;
}

#[test]
fn a_projection_that_ended_with_its_runtime_has_stopped() {
    let runtime = || runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let engine = first.block_on(engine(MemoryStore::new()));
    drop(first);

    runtime().block_on(assert_stopped(&engine, "ended"));
}

/// A row that can be neither written nor read where it holds an unlucky number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "balances")]
struct Superstitious {
    #[cqrs(key)]
    id: Uuid,
    #[serde(serialize_with = "lucky", deserialize_with = "luckily")]
    changes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
fn lucky<S: serde::Serializer>(changes: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    assert!(*changes != 13, "a bug in the row, on purpose");
    serializer.serialize_u64(*changes)
}

fn luckily<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let changes = u64::deserialize(deserializer)?;
    assert!(changes != 7, "a bug in the row, on purpose");
    Ok(changes)
}

#[projection(event = AccountEvent, ignore(Withdrawn, Closed))]
impl Superstitious {
    #[on(Opened)]
    fn opened(id: Uuid) -> Self {
        Self { id, changes: 0 }
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.changes += amount;
    }

    #[handle]
    async fn get(views: &Views<Self>, query: GetSuperstitious) -> Result<Option<Self>, QueryError> {
        views.get(&query.id).await
    }
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = Superstitious, result = Option<Superstitious>)]
struct GetSuperstitious {
    id: Uuid,
}

async fn superstitious(store: &MemoryStore) -> Engine {
    Engine::builder(store.clone()).projection::<Superstitious>().start().await.unwrap()
}

async fn stops(engine: &Engine, after: Position) -> String {
    let query = engine.query(GetSuperstitious { id: Uuid::nil() }).after(after);
    let error = timeout(LONG, query.into_future()).await.expect("it hangs").unwrap_err();
    let QueryError::ProjectionStopped { cause, .. } = error else { panic!("{error}") };
    assert_eq!(engine.projections()[0].stopped.as_ref(), Some(&cause));
    cause
}

#[tokio::test]
async fn a_row_that_panics_when_it_is_written_names_its_event() {
    let store = MemoryStore::new();
    let engine = superstitious(&store).await;
    let id = open(&engine).await;
    engine.query(GetSuperstitious { id }).after(Position(1)).await.unwrap();
    let deposited = engine.execute(Deposit { id, amount: 13 }).await.unwrap();

    let cause = stops(&engine, deposited.position).await;
    assert!(cause.contains("event 2") && cause.contains("a bug in the row"), "{cause}");
    assert_eq!(store.checkpoint("balances").await.unwrap(), Position(1));
}

#[tokio::test]
async fn a_row_that_panics_when_it_is_read_stops_its_projection() {
    let store = MemoryStore::new();
    let first = superstitious(&store).await;
    let id = open(&first).await;
    let deposited = first.execute(Deposit { id, amount: 7 }).await.unwrap();
    while store.checkpoint("balances").await.unwrap() < deposited.position {
        tokio::task::yield_now().await;
    }
    drop(first);

    let engine = superstitious(&store).await;
    let deposited = engine.execute(Deposit { id, amount: 1 }).await.unwrap();
    let cause = stops(&engine, deposited.position).await;
    assert!(cause.contains("a bug in the row"), "{cause}");
    assert_eq!(store.head().await.unwrap(), Position(3));
}
