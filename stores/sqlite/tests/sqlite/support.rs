//! A directory with a store in it, and short words for what the tests write.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cqrs_core::{
    Append, AppendError, Appended, Claim, EventStore as _, NewEvent, Position, RecordedEvent, RequestId, StreamId,
};
use cqrs_sqlite::SqliteStore;
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("store.db")
    }

    pub(crate) async fn open(&self) -> SqliteStore {
        SqliteStore::open(self.path()).await.unwrap()
    }

    /// The file itself, for tests that break it.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        let conn = rusqlite::Connection::open(self.path()).unwrap();
        conn.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        conn
    }
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::of("thing", &id).unwrap()
}

pub(crate) fn append() -> Append {
    Append::new(RequestId::random(), chrono::Utc::now())
}

pub(crate) fn event(stream: &StreamId) -> NewEvent {
    NewEvent::new(stream, "thing.happened", r#"{"n":1}"#)
}

pub(crate) fn take(key: &str, value: &str, holder: &StreamId) -> Claim {
    Claim::Take { key: key.into(), value: value.into(), holder: holder.clone() }
}

/// Writes one append.
pub(crate) async fn write(store: &SqliteStore, append: Append) -> Result<Appended, AppendError> {
    store.append(&[append]).await.unwrap().remove(0)
}

pub(crate) async fn read_all(store: &SqliteStore) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    let mut after = Position::START;
    loop {
        let page = store.read(&cqrs_core::EventFilter::everything(), after, 500).await.unwrap();
        if page.read_to == after {
            return events;
        }
        after = page.read_to;
        events.extend(page.events);
    }
}

/// Positions are 1, 2, 3 … and so are the versions of every stream.
pub(crate) fn assert_gapless(events: &[RecordedEvent]) {
    let mut versions = std::collections::HashMap::new();
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, Position(position));
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.version.0, *version, "{}", event.stream);
    }
}

/// Where the child of a test finds its file.
pub(crate) const CHILD_PATH: &str = "CQRS_SQLITE_TEST_CHILD";

/// Runs an ignored test of this binary, or of a copy of it, as a process of its own.
pub(crate) fn child(binary: &Path, test: &str, path: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(CHILD_PATH, path);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}
