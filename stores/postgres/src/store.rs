//! The handle, and the contract of the log that it keeps.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use cqrs_core::{
    Append, AppendError, Appended, EventFilter, EventStore, HistoryEvent, Position, RecordedEvent, RequestId, Snapshot,
    StoreError, StreamId, Version, store::EventPage,
};
use deadpool_postgres::Pool;

use crate::{
    append,
    database::{Database, SharedDatabase},
    lease::Leases,
    notify::Head,
    open::{Direct, PostgresBuilder},
    read, snapshots,
};

/// A log on a PostgreSQL server, with read models and checkpoints beside it. Cloning is cheap.
///
/// Every batch of appends is one call of a function on the server, which takes the log's lock first: positions have no gaps
/// and come in the order of commits, however many processes write. Commits are as durable as the server's
/// `synchronous_commit` says. Used within a tokio runtime with time.
///
/// ```no_run
/// use cqrs_core::{Append, EventStore, Expected, NewEvent, RequestId, StreamId};
/// use cqrs_postgres::PostgresStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = PostgresStore::connect("postgres://app:secret@localhost/app").await?;
///
/// let alice = StreamId::of("user", &"alice")?;
/// let append = Append::new(RequestId::random(), chrono::Utc::now())
///     .expect(&alice, Expected::NoStream)
///     .event(NewEvent::new(&alice, "user.created", "{}"));
/// let appended = store.append(&[append]).await?.remove(0)?;
/// assert_eq!(appended.last, store.head().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pub(crate) database: SharedDatabase,
    head: Arc<Head>,
    pub(crate) leases: Arc<Leases>,
}

impl PostgresStore {
    /// Opens the store that a connection string names, and makes its schema where it is missing.
    ///
    /// # Errors
    /// As [`PostgresBuilder::open`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, StoreError> {
        Self::builder(url).open().await
    }

    /// A store that a connection string names, to be opened with options.
    pub fn builder(url: impl Into<String>) -> PostgresBuilder {
        PostgresBuilder::from_url(url.into())
    }

    /// A store on the connections of an existing pool, to be opened with options.
    pub fn with_pool(pool: Pool) -> PostgresBuilder {
        PostgresBuilder::from_pool(pool)
    }

    pub(crate) async fn start(
        database: Database,
        direct: Option<Direct>,
        poll_interval: Duration,
    ) -> Result<Self, StoreError> {
        let known = read::head(&database).await?;
        let database = Arc::new(database);
        let leases = Arc::new(Leases::new(Arc::clone(&database), direct.clone()));
        let head = Head::new(Arc::clone(&database), direct, known, poll_interval);
        Ok(Self { database, head, leases })
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("database", &self.database)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// How many batches are given to the server at once.
const BATCHES_AT_ONCE: usize = 2;

#[async_trait]
impl EventStore for PostgresStore {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let answers = append::append(&self.database, batch).await?;
        if let Some(head) = answers.iter().flatten().map(|appended| appended.last).max() {
            self.head.raise(head);
        }
        Ok(answers)
    }

    /// Two, where there are connections for them: the second waits for the log's lock while the first is written.
    fn batches_at_once(&self) -> usize {
        self.database.pool.status().max_size.min(BATCHES_AT_ONCE)
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        read::receipt(&self.database, request).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        read::stream(&self.database, stream, after, limit).await
    }

    async fn read_history(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<HistoryEvent>, StoreError> {
        read::history(&self.database, stream, after, limit).await
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        read::page(&self.database, filter, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        read::head(&self.database).await
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        self.head.beyond(position).await
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        read::holder(&self.database, key, value).await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        snapshots::snapshot(&self.database, stream).await
    }

    async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        snapshots::keep(&self.database, &snapshot).await
    }
}
