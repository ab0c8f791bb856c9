//! How long the server may take for an answer.
//!
//! A connection may be dead without the operating system's knowing, where a proxy or a router between holds it or has
//! forgotten it, or where the server stands still. What waits for an answer on it would wait for ever.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use cqrs_core::{StoreError, store::Cause};
use tokio::time::timeout;

use crate::error::Effect;

/// Unless the connection string says otherwise, by `tcp_user_timeout`.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An answer of the server, or the end of patience.
pub(crate) async fn in_time<T>(
    patience: Duration,
    effect: Effect,
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(patience, answer).await.unwrap_or_else(|_| Err(silent(patience, effect)))
}

/// Whether an error is the end of patience: the connection is then of no use any more.
pub(crate) fn is_silent(error: &StoreError) -> bool {
    let (StoreError::Unavailable { source, .. } | StoreError::Unknown { source, .. }) = error else { return false };
    source.as_ref().is_some_and(|cause| cause.is::<Silent>())
}

fn silent(patience: Duration, effect: Effect) -> StoreError {
    let silent = Silent(patience);
    let message = silent.to_string();
    let source = Some(Arc::new(silent) as Cause);
    match effect {
        Effect::None => StoreError::Unavailable { message, source },
        Effect::Commit => StoreError::Unknown { message, source },
    }
}

#[derive(Debug)]
struct Silent(Duration);

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server has not answered for {:?}", self.0)
    }
}

impl Error for Silent {}
