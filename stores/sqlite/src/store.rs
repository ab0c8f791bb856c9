//! The handle, and the contracts it keeps.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use cqrs_core::{
    Append, AppendError, Appended, EventFilter, EventStore, HistoryEvent, Position, ReadModelStore, RecordedEvent,
    RequestId, Schema, Snapshot, StoreError, StreamId, Value, Version,
    store::{EventPage, ProjectionBatch, Row, RowQuery},
};

use crate::{
    append::AppendBatch,
    claims,
    connection::Opener,
    notify::Head,
    open::SqliteBuilder,
    read,
    readers::Readers,
    rows::{self, Commit},
    select,
    snapshots::{self, Keep},
    tables::Prepare,
    writer::Writer,
};

/// A `SQLite` database that keeps the event log, read models, checkpoints and snapshots. Cloning is cheap.
///
/// Commits are durable (`synchronous=FULL`), and other processes may work on the same file. It must be on a local disk.
/// Its `-wal` and `-shm`, there while it is in use and after an abrupt end, belong to it: copied, moved and deleted with it.
/// Used within a tokio runtime with time. When the last clone is dropped, accepted work is finished and the file
/// closed.
///
/// ```
/// use cqrs_core::{Append, EventStore, Expected, NewEvent, RequestId, StreamId};
/// use cqrs_sqlite::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("users.db");
/// let store = SqliteStore::open(path).await?;
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
pub struct SqliteStore {
    writer: Writer,
    readers: Arc<Readers>,
    head: Arc<Head>,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, and makes the file where there is none.
    ///
    /// # Errors
    /// As [`SqliteBuilder::open`].
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::builder(path).open().await
    }

    /// A store in the file at `path`, to be opened with options.
    pub fn builder(path: impl Into<PathBuf>) -> SqliteBuilder {
        SqliteBuilder::new(path.into())
    }

    /// Opens the connection that writes and starts its thread.
    pub(crate) fn start(opener: Opener, readers: usize, interval: Duration) -> Result<Self, StoreError> {
        let conn = opener.writer()?;
        let head = Arc::new(Head::new(read::head(&conn).map_err(crate::error::Fault::into_error)?, interval));
        let writer = Writer::start(conn, Arc::clone(&head))?;
        Ok(Self { writer, readers: Arc::new(Readers::new(opener, readers)), head })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("readers", &self.readers).field("head", &self.head).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.writer.write(AppendBatch(batch.to_vec())).await
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        self.readers.read(move |conn| read::receipt(conn, request)).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let stream = stream.clone();
        self.readers.read(move |conn| read::stream(conn, &stream, after, limit)).await
    }

    async fn read_history(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<HistoryEvent>, StoreError> {
        let stream = stream.clone();
        self.readers.read(move |conn| read::history(conn, &stream, after, limit)).await
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        let filter = filter.clone();
        self.readers.read(move |conn| read::page(conn, &filter, after, limit)).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.readers.read(read::head).await
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        self.head.beyond(position, &self.readers).await
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.readers.read(move |conn| claims::holder(conn, &key, &value)).await
    }

    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let stream = stream.clone();
        self.readers.read(move |conn| snapshots::snapshot(conn, stream)).await
    }

    async fn keep_snapshot(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.writer.write(Keep(snapshot)).await
    }
}

#[async_trait]
impl ReadModelStore for SqliteStore {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        self.writer.write(Prepare(schema)).await
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        let projection = projection.to_owned();
        self.readers.read(move |conn| rows::checkpoint(conn, &projection)).await
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        let keys = keys.to_vec();
        self.readers.read(move |conn| rows::load(conn, schema, &keys)).await
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        self.writer.write(Commit(batch)).await
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        let query = query.clone();
        self.readers.read(move |conn| select::rows(conn, schema, &query)).await
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        let query = query.clone();
        self.readers.read(move |conn| select::count(conn, schema, &query)).await
    }
}
