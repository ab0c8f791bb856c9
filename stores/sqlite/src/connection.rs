//! Connections: one that writes, several that read.

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use cqrs_core::StoreError;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, config::DbConfig};

use crate::{
    error::{Fault, about},
    migrate::migrate,
};

/// More than there are statements in use, those of some twenty read models included.
const CACHED_STATEMENTS: usize = 128;

/// Pages of the write-ahead log between two checkpoints. The default of 1000 would be reached every few batches.
const CHECKPOINT_PAGES: u32 = 4000;

/// Pages that a connection keeps in memory, in KiB; negative is how `SQLite` tells KiB from a number of pages.
const CACHE_KIB: i32 = -16 * 1024;

/// How connections to the file are made.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    pub(crate) path: PathBuf,
    pub(crate) busy_timeout: Duration,
    pub(crate) max_bytes: Option<u64>,
}

impl Opener {
    /// The connection that writes. Makes the file and its schema where they are missing.
    pub(crate) fn writer(&self) -> Result<Connection, StoreError> {
        self.open_writer().map_err(|fault| self.explained(fault))
    }

    /// A connection that reads.
    pub(crate) fn reader(&self) -> Result<Connection, StoreError> {
        let open = || -> Result<Connection, Fault> { self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY) };
        open().map_err(|fault| self.explained(fault))
    }

    fn open_writer(&self) -> Result<Connection, Fault> {
        let mut conn = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        self.write_ahead(&conn)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        migrate(&mut conn)?;
        if let Some(bytes) = self.max_bytes {
            let page_size: u64 = conn.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0))?.into();
            let pages = u32::try_from(bytes / page_size).unwrap_or(u32::MAX - 1).max(1);
            conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        Ok(conn)
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, Fault> {
        let conn = Connection::open_with_flags(&self.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        // Asked first, because reading a read-only file that has no write-ahead log says nothing of this cause.
        if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) && conn.is_readonly("main")? {
            return Err(Fault::Store(StoreError::Unwritable {
                message: "the file is read-only: give this process the right to write it".into(),
                source: None,
            }));
        }
        conn.busy_timeout(self.busy_timeout)?;
        conn.pragma_update(None, "cache_size", CACHE_KIB)?;
        // Without it a statement with a bound `LIMIT` is prepared anew each time a value is bound.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        Ok(conn)
    }

    /// Turns the write-ahead log on. Of processes that do so at once some are told `SQLITE_BUSY` without being made to
    /// wait, so the waiting is done here.
    fn write_ahead(&self, conn: &Connection) -> Result<(), Fault> {
        let deadline = Instant::now() + self.busy_timeout;
        loop {
            let mode = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
            match mode {
                Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
                Ok(mode) => {
                    return Err(Fault::Store(StoreError::Unopenable {
                        message: format!(
                            "the file system allows the journal mode `{mode}` only: put the file on a local disk"
                        ),
                        source: None,
                    }));
                }
                Err(error) if is_busy(&error) && Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// An error of opening, with what can be seen of its cause.
    fn explained(&self, fault: Fault) -> StoreError {
        let cure = match &fault {
            Fault::Sqlite(Error::SqliteFailure(error, _)) if error.code == ErrorCode::CannotOpen => cure(&self.path),
            Fault::Sqlite(Error::NulError(_) | Error::InvalidPath(_)) => Some("this cannot be a file's name".into()),
            _ => None,
        };
        let error = match (fault.into_error(), cure) {
            (StoreError::Unopenable { source, .. } | StoreError::Failed { source, .. }, Some(message)) => {
                StoreError::Unopenable { message, source }
            }
            (error, _) => error,
        };
        about(&self.path, error)
    }
}

fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn cure(path: &Path) -> Option<String> {
    if path.is_dir() {
        return Some("this is a directory: name a file in it".into());
    }
    let directory = path.parent()?;
    if directory.is_dir() {
        return None;
    }
    Some(format!("there is no directory `{}`: create it", directory.display()))
}
