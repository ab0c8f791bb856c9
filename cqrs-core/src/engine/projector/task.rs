//! What goes on beside a projection, and ends with it.

use std::future::Future;

use tokio::task::JoinHandle;

use crate::store::StoreError;

/// A task that is ended where nobody waits for it any more.
pub(super) struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    pub(super) fn spawn(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(future))
    }

    /// # Errors
    /// A task ends without an answer where the runtime does, or where the store panicked.
    pub(super) async fn ended(mut self) -> Result<T, StoreError> {
        (&mut self.0)
            .await
            .map_err(|error| StoreError::Failed { message: format!("the store gave no answer: {error}"), source: None })
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
