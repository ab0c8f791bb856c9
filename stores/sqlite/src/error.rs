//! The driver's errors, sorted by what the caller can do.

use std::sync::Arc;

use cqrs_core::{StoreError, store::Cause};
use rusqlite::{Error, ErrorCode};

use crate::sql::failed;

/// Why a piece of work stopped.
#[derive(Debug)]
pub(crate) enum Fault {
    Sqlite(Error),
    Store(StoreError),
}

impl Fault {
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Store(failed(message))
    }

    /// The error for the caller, of work that wrote nothing.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sqlite(error) => classified(error),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether a failed `COMMIT` may nevertheless be found in the file after a crash.
pub(crate) fn leaves_outcome_open(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure)
}

pub(crate) fn unknown(error: Error) -> StoreError {
    StoreError::Unknown {
        message: format!("the commit failed with {error}; ask again with the same request id"),
        source: cause(error),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "every field it fills is optional")]
fn cause(error: Error) -> Option<Cause> {
    Some(Arc::new(error))
}

fn classified(error: Error) -> StoreError {
    let Some(code) = error.sqlite_error_code() else {
        return StoreError::Failed { message: error.to_string(), source: cause(error) };
    };
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Unavailable {
                message: "another process holds the file's lock longer than the busy timeout".into(),
                source: cause(error),
            }
        }
        ErrorCode::OutOfMemory | ErrorCode::SystemIoFailure | ErrorCode::OperationInterrupted => {
            StoreError::Unavailable { message: error.to_string(), source: cause(error) }
        }
        ErrorCode::DiskFull => StoreError::Unwritable {
            message: "the disk is full, or the file has reached its `max_bytes`: make room or raise the limit".into(),
            source: cause(error),
        },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::Unwritable {
            message: "the file or its directory is read-only: give this process the right to write both".into(),
            source: cause(error),
        },
        ErrorCode::CannotOpen => StoreError::Unopenable {
            message: "the file, or the `-wal` and `-shm` files beside it, cannot be opened: check that the directory \
                      exists and that this process may write to it"
                .into(),
            source: cause(error),
        },
        ErrorCode::NotADatabase => StoreError::Unopenable {
            message: "the file is not a SQLite database: name another file, or move this one away".into(),
            source: cause(error),
        },
        ErrorCode::DatabaseCorrupt => StoreError::Unopenable {
            message: "the file is damaged: restore it from a backup".into(),
            source: cause(error),
        },
        _ => StoreError::Failed { message: error.to_string(), source: cause(error) },
    }
}

/// The same error, saying of which file it speaks.
pub(crate) fn about(path: &std::path::Path, error: StoreError) -> StoreError {
    let named = |message: String| format!("`{}`: {message}", path.display());
    match error {
        StoreError::Unavailable { message, source } => StoreError::Unavailable { message: named(message), source },
        StoreError::Unwritable { message, source } => StoreError::Unwritable { message: named(message), source },
        StoreError::Unopenable { message, source } => StoreError::Unopenable { message: named(message), source },
        StoreError::Failed { message, source } => StoreError::Failed { message: named(message), source },
        other => other,
    }
}
