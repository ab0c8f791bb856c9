//! Connections of a pool that the program has already.

use std::{future::Future, time::Duration};

use cqrs::{StoreError, prelude::*};
use cqrs_core::{EventStore as _, Position};
use cqrs_postgres::{
    PostgresStore,
    deadpool_postgres::{Manager, Pool, Runtime},
    tokio_postgres::NoTls,
};

use crate::{
    roles::{append, assert_gapless, event, full, read_all, write},
    support::Place,
};

fn pool(place: &Place, size: usize) -> Pool {
    let manager = Manager::new(place.url().parse().unwrap(), NoTls);
    Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1).build().unwrap()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "counter", id = id)]
enum CounterEvent {
    Raised { id: u32 },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Counter)]
struct Raise {
    #[cqrs(id)]
    id: u32,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("counter {0} is there")]
struct Exists(u32);

struct Counter;

#[aggregate(event = CounterEvent, error = Exists, already_exists = Exists)]
impl Counter {
    #[handle]
    fn raise(command: Raise) -> Result<CounterEvent, Exists> {
        Ok(CounterEvent::Raised { id: command.id })
    }

    #[on(Raised)]
    fn raised() -> Self {
        Self
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "counters")]
struct CounterView {
    #[cqrs(key)]
    id: u32,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = CounterView, result = u64)]
struct Count;

#[projection(event = CounterEvent)]
impl CounterView {
    #[on(Raised)]
    fn raised(id: u32) -> Self {
        Self { id }
    }

    #[handle]
    async fn count(counters: &Views<Self>, _: Count) -> Result<u64, QueryError> {
        counters.all().count().await
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("everybody waits for everybody")
}

/// One connection is enough for any number of tasks that write, read and wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_pool_is_waited_for_and_never_for_ever() {
    for size in [1, 2] {
        let place = Place::new();
        let pool = pool(&place, size);
        let store = PostgresStore::with_pool(pool.clone()).schema(place.schema()).open().await.unwrap();
        let tasks: Vec<_> = (0..24)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    for round in 0..10 {
                        let appended = write(&store, full(&format!("a{number}_{round}"))).await.unwrap();
                        store.wait_beyond(Position(appended.last.0 - 1)).await.unwrap();
                        store.read(&cqrs_core::EventFilter::everything(), Position::START, 10).await.unwrap();
                    }
                })
            })
            .collect();
        in_time(async {
            for task in tasks {
                task.await.unwrap();
            }
        })
        .await;
        assert_gapless(&in_time(read_all(&store)).await);
        assert!(pool.status().size <= size);
    }
}

/// Commands, a projection and queries share what there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_works_on_a_pool_of_one() {
    for size in [1, 2] {
        let place = Place::new();
        let builder = PostgresStore::with_pool(pool(&place, size)).schema(place.schema());
        let store = builder.poll_interval(Duration::from_millis(5)).open().await.unwrap();
        let engine = in_time(Engine::builder(store).projection::<CounterView>().start()).await.unwrap();
        let raising: Vec<_> = (0..64)
            .map(|id| {
                let engine = engine.clone();
                tokio::spawn(async move {
                    let raised = engine.execute(Raise { id }).await.unwrap();
                    assert!(engine.query(Count).after(&raised).await.unwrap() > 0);
                })
            })
            .collect();
        in_time(async {
            for raised in raising {
                raised.await.unwrap();
            }
        })
        .await;
        assert_eq!(in_time(async { engine.query(Count).await.unwrap() }).await, 64);
    }
}

#[tokio::test]
async fn a_closed_pool_closes_the_store() {
    let place = Place::new();
    let pool = pool(&place, 2);
    let store = PostgresStore::with_pool(pool.clone()).schema(place.schema()).open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    pool.close();
    let closed = |error: StoreError| assert!(matches!(error, StoreError::Closed), "{error:?}");
    closed(store.append(&[append().event(event("a"))]).await.unwrap_err());
    closed(store.head().await.unwrap_err());
    closed(store.wait_beyond(Position(1)).await.unwrap_err());
    closed(PostgresStore::with_pool(pool).open().await.unwrap_err());
    assert_gapless(&read_all(&place.store().await).await);
}
