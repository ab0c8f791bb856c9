//! Who takes a projection over goes on where the one before it came to, not where it was itself when it began to wait.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cqrs::{
    Engine,
    store::{Lease, Position, ProjectionBatch, ReadModelStore, Row, RowQuery, StoreError},
};
use cqrs_core::{Schema, Value};
use cqrs_postgres::PostgresStore;

use crate::{account::*, support::Place};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Granted,
    Checkpoint(Position),
    Commit { expected: Position, is_done: bool },
}

/// A store, and what an engine has asked of it.
#[derive(Clone)]
struct Watched {
    store: PostgresStore,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Watched {
    fn note(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl ReadModelStore for Watched {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        self.store.prepare(schema).await
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        let checkpoint = self.store.checkpoint(projection).await?;
        self.note(Call::Checkpoint(checkpoint));
        Ok(checkpoint)
    }

    async fn lease(&self, projection: &'static str) -> Result<Lease, StoreError> {
        let lease = self.store.lease(projection).await?;
        self.note(Call::Granted);
        Ok(lease)
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        self.store.load(schema, keys).await
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        let expected = batch.expected;
        let committed = self.store.commit(batch).await;
        self.note(Call::Commit { expected, is_done: committed.is_ok() });
        committed
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        self.store.select(schema, query).await
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        self.store.count(schema, query).await
    }
}

#[tokio::test]
async fn the_checkpoint_is_read_when_the_lease_is_held() {
    let place = Place::new();
    let first = engine(place.store().await).await;
    let id = open(&first).await;
    // It has the lease.
    let opened = first.execute(Deposit { id, amount: 1 }).await.unwrap();
    first.query(GetBalance { id }).after(&opened).await.unwrap();

    let store = place.store().await;
    let watched = Watched { store: store.clone(), calls: Arc::default() };
    let second = Engine::builder(store).projection::<BalanceView>().read_models(watched.clone()).start().await.unwrap();
    for _ in 0..20 {
        let deposited = first.execute(Deposit { id, amount: 1 }).await.unwrap();
        first.query(GetBalance { id }).after(&deposited).await.unwrap();
    }
    assert!(!watched.calls().contains(&Call::Granted));
    let reached = first.head().await.unwrap();
    drop(first);

    let last = second.execute(Deposit { id, amount: 1 }).await.unwrap();
    let view = second.query(GetBalance { id }).after(&last).await.unwrap().unwrap();
    assert_eq!(view.balance, 22);
    let calls = watched.calls();
    let granted = calls.iter().position(|call| *call == Call::Granted).unwrap();
    let is_commit = |call: &&Call| matches!(call, Call::Commit { .. });
    assert_eq!(calls[..granted].iter().find(is_commit), None, "only who holds the lease writes");
    assert!(calls[granted..].iter().filter(is_commit).all(|call| matches!(call, Call::Commit { is_done: true, .. })));
    let read = calls[granted..].iter().position(|call| *call == Call::Checkpoint(reached));
    let first =
        calls[granted..].iter().position(|call| matches!(call, Call::Commit { expected, .. } if *expected == reached));
    assert!(read.unwrap() < first.unwrap(), "{:?}", &calls[granted..]);
}
