//! Several processes of one store, whose leases they share.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use cqrs::{
    MemoryStore, Position, ReadModelStore, StoreError, Value,
    prelude::*,
    read_model::Schema,
    store::{Lease, ProjectionBatch, Revoker, Row, RowQuery},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::account::BalanceView;

/// One process's view of a store whose leases are shared: what it did there is counted.
#[derive(Clone)]
pub struct Process {
    pub rows: MemoryStore,
    pub turns: Turns,
    commits: Arc<AtomicU64>,
    pub looks: Arc<AtomicU64>,
    is_blind: bool,
}

/// The leases of a store.
#[derive(Clone, Default)]
pub struct Turns {
    locks: Arc<Mutex<HashMap<&'static str, Arc<Semaphore>>>>,
    granted: Arc<Mutex<Vec<Granted>>>,
}

struct Granted {
    permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    revoker: Revoker,
}

impl Turns {
    async fn lease(&self, projection: &'static str) -> Lease {
        let lock = {
            let mut locks = self.locks.lock().unwrap();
            Arc::clone(locks.entry(projection).or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        let permit = Arc::new(Mutex::new(Some(lock.acquire_owned().await.unwrap())));
        let (lease, revoker) = Lease::shared(Returned(Arc::clone(&permit)));
        self.granted.lock().unwrap().push(Granted { permit, revoker });
        lease
    }

    /// Takes back every lease that was granted; how many that were.
    pub fn revoke(&self) -> usize {
        let granted = mem::take(&mut *self.granted.lock().unwrap());
        let count = granted.len();
        for Granted { permit, revoker } in granted {
            drop(revoker);
            drop(permit.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        count
    }
}

/// Lets the next one in when it is dropped.
struct Returned(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Drop for Returned {
    fn drop(&mut self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Process {
    /// Several processes of one store.
    pub fn several<const N: usize>(store: &MemoryStore) -> [Self; N] {
        let turns = Turns::default();
        std::array::from_fn(|_| Self {
            rows: store.clone(),
            turns: turns.clone(),
            commits: Arc::default(),
            looks: Arc::default(),
            is_blind: false,
        })
    }

    /// One that may not read checkpoints.
    pub fn blind(self) -> Self {
        Self { is_blind: true, ..self }
    }

    pub async fn engine(&self) -> Engine {
        self.builder().projection::<BalanceView>().start().await.unwrap()
    }

    pub fn builder(&self) -> cqrs::EngineBuilder {
        Engine::builder(self.rows.clone()).read_models(self.clone())
    }

    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl ReadModelStore for Process {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        self.rows.prepare(schema).await
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        if self.is_blind {
            return Err(StoreError::Failed { message: "it may not be read".into(), source: None });
        }
        self.rows.checkpoint(projection).await
    }

    async fn lease(&self, projection: &'static str) -> Result<Lease, StoreError> {
        Ok(self.turns.lease(projection).await)
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        self.rows.load(schema, keys).await
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        self.rows.commit(batch).await?;
        self.commits.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        self.rows.select(schema, query).await
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        self.rows.count(schema, query).await
    }
}
