//! The server's and the driver's errors, sorted by what the caller can do.

use std::{error::Error as _, io, sync::Arc};

use cqrs_core::{StoreError, store::Cause};
use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::{Error, error::SqlState};

/// What a failed call may have left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing: it only read.
    None,
    /// A commit, if the server came to it.
    Commit,
}

/// The error for the caller.
pub(crate) fn classified(error: Error, effect: Effect) -> StoreError {
    let Some(state) = error.code() else {
        return lost_or_failed(error, effect);
    };
    let kind = kind(state);
    let message = described(&error, kind);
    let source = Some(Arc::new(error) as Cause);
    match (kind, effect) {
        (Kind::RolledBack, _) | (Kind::Unknown, Effect::None) => StoreError::Unavailable { message, source },
        (Kind::Unknown, Effect::Commit) => StoreError::Unknown { message, source },
        (Kind::Unwritable, _) => StoreError::Unwritable { message, source },
        (Kind::Unopenable, _) => StoreError::Unopenable { message, source },
        (Kind::Failed, _) => StoreError::Failed { message, source },
    }
}

/// What an error in the middle of a transaction says of the server, if it is no fault of the statement: nothing was written.
pub(crate) fn passing(error: &Error) -> Option<StoreError> {
    let message = told(error);
    match error.code().map(kind) {
        Some(Kind::RolledBack | Kind::Unknown) => Some(StoreError::Unavailable { message, source: None }),
        Some(Kind::Unwritable) => {
            Some(StoreError::Unwritable { message: described(error, Kind::Unwritable), source: None })
        }
        Some(_) => None,
        None => is_lost(error).then_some(StoreError::Unavailable { message, source: None }),
    }
}

/// A connection that could not be had.
pub(crate) fn unconnected(error: PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => refused(error),
        PoolError::Closed => StoreError::Closed,
        PoolError::Timeout(TimeoutType::Create) => StoreError::Unavailable {
            message: "the server lets nobody in for now".into(),
            source: Some(Arc::new(error)),
        },
        other => StoreError::Unavailable {
            message: format!("no connection is free: {other}"),
            source: Some(Arc::new(other)),
        },
    }
}

/// A connection that was refused, or could not be made.
pub(crate) fn refused(error: Error) -> StoreError {
    if error.code().is_some() {
        return classified(error, Effect::None);
    }
    let is_lost = is_lost(&error);
    let message = told(&error);
    if is_untrusted(&error) {
        let cure = "a server must offer TLS, and prove by a certificate that the client trusts to be the host that the \
                    connection string names";
        let source = Some(Arc::new(error) as Cause);
        return StoreError::Unopenable { message: format!("{message}; {cure}"), source };
    }
    let source = Some(Arc::new(error) as Cause);
    if is_lost {
        return StoreError::Unavailable {
            message: format!("no server answers: {message}; is it running, and are host and port right?"),
            source,
        };
    }
    StoreError::Unopenable { message: format!("the connection cannot be made: {message}"), source }
}

/// Whether a table was changed under a prepared statement. The server says so before it runs anything.
pub(crate) fn is_outdated(error: &Error) -> bool {
    error.as_db_error().is_some_and(|server| server.routine() == Some("RevalidateCachedQuery"))
}

/// Whether encryption failed, and not for want of a connection.
fn is_untrusted(error: &Error) -> bool {
    let causes = || std::iter::successors(error.source(), |&error| error.source());
    let is_invalid = |cause: &io::Error| cause.kind() == io::ErrorKind::InvalidData;
    error.to_string().starts_with("error performing TLS handshake")
        && causes().all(|cause| cause.downcast_ref().is_none_or(is_invalid))
}

/// The driver's error, wherever it is among the causes of another.
pub(crate) fn driver_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    // The cause of a `StoreError` is behind an `Arc`, which is an error itself.
    let behind = |error: &'a (dyn std::error::Error + 'static)| error.downcast_ref::<Cause>()?.downcast_ref();
    let mut errors = std::iter::successors(Some(error), |&error| error.source());
    errors.find_map(|error| error.downcast_ref().or_else(|| behind(error)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing was written, and the same may work in a moment.
    RolledBack,
    /// The transaction may have been committed.
    Unknown,
    Unwritable,
    Unopenable,
    Failed,
}

/// Where an error belongs, by the server's code for it (*PostgreSQL documentation*, appendix A).
fn kind(state: &SqlState) -> Kind {
    match state.code() {
        "25006" | "42501" | "53100" | "CQRS2" => Kind::Unwritable,
        "28000" | "28P01" | "3D000" | "57P04" | "0A000" => Kind::Unopenable,
        "40003" | "57014" | "57P01" | "57P02" | "57P05" => Kind::Unknown,
        "25P03" | "25P04" | "40000" | "40001" | "40P01" | "55000" | "55006" | "55P03" | "57P03" | "58000" | "58030" => {
            Kind::RolledBack
        }
        code => match &code[..2] {
            "08" => Kind::Unknown,
            "53" => Kind::RolledBack,
            _ => Kind::Failed,
        },
    }
}

/// The cure where transactions are of another isolation than the one that appends are judged in.
pub(crate) const ISOLATION: &str = "set `default_transaction_isolation` to `read committed` for the role, or in the pool's \
                                    connections";

/// What happened, and what can be done about it.
fn described(error: &Error, kind: Kind) -> String {
    let told = told(error);
    let cure = match error.code().map_or("", SqlState::code) {
        "25006" => {
            "this is a replica, or `default_transaction_read_only` is on for the role or the database: connect to the primary, \
             or turn it off"
        }
        "25P03" => "a transaction waited longer than the role's `idle_in_transaction_session_timeout`",
        "25P04" => "a transaction took longer than the role's `transaction_timeout`",
        "42501" => "the role lacks a right: let the owner of the schema run what `grants_sql` gives",
        "53100" => "the server's disk is full: make room",
        "54000" => "a name or a claimed value is longer than an index of the server takes",
        "CQRS2" => ISOLATION,
        "28000" | "28P01" => {
            "the server refuses the role: check its name, its password, `pg_hba.conf`, and whether only encrypted connections \
             are let in (`sslmode=require`)"
        }
        "3D000" => "make it with `CREATE DATABASE`, or name another",
        "26000" | "42P05" => {
            "prepared statements are lost between transactions: behind a pooler of transactions, open the store with \
             `transaction_pooling(true)`"
        }
        "23502" | "23503" | "23514" | "42P01" | "42703" | "42883" | "42704" | "42804" | "42P18" | "3F000" => {
            "the schema is not as this program made it: was it changed by hand?"
        }
        "57014" => "a statement took longer than the role's `statement_timeout`, or was cancelled",
        "55P03" => "a lock took longer than the role's `lock_timeout`",
        "53300" => "the server has no connection left: raise `max_connections`, or lower `connections` of the store",
        _ if kind == Kind::Unknown => "ask again with the same request id",
        _ => return told,
    };
    format!("{told}; {cure}")
}

/// An error of the driver's own: a connection that broke, or a value that does not fit.
fn lost_or_failed(error: Error, effect: Effect) -> StoreError {
    let is_lost = is_lost(&error);
    let message = told(&error);
    let source = Some(Arc::new(error) as Cause);
    match (is_lost, effect) {
        (true, Effect::None) => StoreError::Unavailable { message, source },
        (true, Effect::Commit) => StoreError::Unknown { message, source },
        (false, _) => StoreError::Failed { message, source },
    }
}

/// Whether the connection is at fault, or the way to the server.
fn is_lost(error: &Error) -> bool {
    let first = error as &(dyn std::error::Error + 'static);
    let mut causes = std::iter::successors(Some(first), |&error| error.source());
    error.is_closed() || causes.any(|cause| cause.is::<io::Error>() || cause.to_string().contains("timed out"))
}

/// Errors whose detail is a whole row, which is nothing for a log.
const SHOWS_ROWS: [SqlState; 2] = [SqlState::NOT_NULL_VIOLATION, SqlState::CHECK_VIOLATION];

/// The driver says where an error comes from, and leaves what it is to its source.
fn told(error: &Error) -> String {
    match error.as_db_error() {
        Some(server) => match server.detail().filter(|_| !SHOWS_ROWS.contains(server.code())) {
            Some(detail) => format!("{} ({detail})", server.message()),
            None => server.message().to_owned(),
        },
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

pub(crate) fn failed(message: impl Into<String>) -> StoreError {
    StoreError::Failed { message: message.into(), source: None }
}

/// Something in the database that the store never wrote.
pub(crate) fn damaged(what: impl std::fmt::Display) -> StoreError {
    failed(format!("the database is damaged: {what}"))
}
