//! The pool of connections that read.

use std::{
    fmt, panic,
    sync::{Arc, Mutex, PoisonError},
};

use cqrs_core::StoreError;
use rusqlite::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task,
};

use crate::{connection::Opener, error::Fault};

/// Runs what blocks on a thread that may. A panic goes on in the caller.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Err(StoreError::Closed),
        },
    }
}

/// Connections that read, opened when needed. The semaphore bounds them; those at rest wait behind the lock.
pub(crate) struct Readers {
    opener: Opener,
    resting: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(opener: Opener, count: usize) -> Self {
        Self { opener, resting: Mutex::default(), permits: Arc::new(Semaphore::new(count)) }
    }

    /// Runs `work` on a connection. A dropped future lets it run to its end.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        blocking(move || readers.run(work, permit)).await
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
        permit: OwnedSemaphorePermit,
    ) -> Result<T, StoreError> {
        let resting = || self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = resting().pop();
        let conn = match rested {
            Some(conn) => conn,
            None => self.opener.reader()?,
        };
        let result = work(&conn).map_err(Fault::into_error);
        resting().push(conn);
        drop(permit);
        result
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readers").field(&self.opener.path).finish()
    }
}
