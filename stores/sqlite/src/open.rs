//! Opening a store.

use std::{path::PathBuf, time::Duration};

use cqrs_core::StoreError;

use crate::{connection::Opener, readers::blocking, store::SqliteStore};

/// How a store is opened. Made by [`SqliteStore::builder`].
#[derive(Debug, Clone)]
#[must_use = "`open` opens the store"]
pub struct SqliteBuilder {
    path: PathBuf,
    readers: usize,
    busy_timeout: Duration,
    watch_interval: Duration,
    max_bytes: Option<u64>,
}

impl SqliteBuilder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            readers: 4,
            busy_timeout: Duration::from_secs(10),
            watch_interval: Duration::from_millis(50),
            max_bytes: None,
        }
    }

    /// How many reads may run at once, at least 1. 4 unless set. Each has a connection of its own, opened when needed.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How long to wait for another process that writes. 10 seconds unless set.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How often to look for events of other processes, while somebody waits for new ones. 50 milliseconds unless set.
    /// Events of this process are noticed at once.
    pub fn watch_interval(mut self, interval: Duration) -> Self {
        self.watch_interval = interval;
        self
    }

    /// How large the file may grow, in bytes; the write-ahead log beside it is not counted. What would make it larger
    /// fails with [`StoreError::Unwritable`]. Unlimited unless set.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Opens the store, and makes the file where there is none.
    ///
    /// # Errors
    /// [`StoreError::Unopenable`] for what is no database of this program, [`StoreError::NewerSchema`] for one of a
    /// newer version of it, [`StoreError::Unwritable`] for a read-only one, [`StoreError::Unavailable`] for one that
    /// another process keeps locked.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let path = std::path::absolute(&self.path).map_err(|error| StoreError::Unopenable {
            message: format!("`{}` cannot be a file's name: {error}", self.path.display()),
            source: None,
        })?;
        let opener = Opener { path, busy_timeout: self.busy_timeout, max_bytes: self.max_bytes };
        blocking(move || SqliteStore::start(opener, self.readers, self.watch_interval)).await
    }
}
