//! The right to run a projection (R6).

use std::{any::Any, fmt};

use tokio::sync::watch;

/// The right to run a projection, while others wait for it (R6). Dropped, it is given back.
///
/// It saves work, and nothing rests on it: a runner that has lost its lease and does not know yet is stopped by the
/// compare-and-set of its checkpoint.
///
/// ```
/// use cqrs::store::Lease;
///
/// let connection = (); // whatever holds the lock; dropping it unlocks
/// let (lease, revoker) = Lease::shared(connection);
/// assert!(lease.is_shared() && !lease.is_lost());
///
/// drop(revoker);
/// assert!(lease.is_lost());
/// ```
pub struct Lease {
    lost: Option<watch::Receiver<()>>,
    _guard: Option<Box<dyn Any + Send>>,
}

impl Lease {
    /// A lease that nobody else may be waiting for and that is never lost.
    #[must_use]
    pub const fn unshared() -> Self {
        Self { lost: None, _guard: None }
    }

    /// A lease that others may be waiting for. `guard` is dropped with it, which must let the next one in. It is lost
    /// when the [`Revoker`] is dropped: by a task that watches over the lock, say, when its connection ends.
    #[must_use]
    pub fn shared(guard: impl Send + 'static) -> (Self, Revoker) {
        let (revoker, lost) = watch::channel(());
        (Self { lost: Some(lost), _guard: Some(Box::new(guard)) }, Revoker(revoker))
    }

    /// Whether others may be waiting for it, in which case they follow the checkpoint in the store.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.lost.is_some()
    }

    /// Whether it is lost, so that another may run the projection.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.as_ref().is_some_and(|lost| lost.has_changed().is_err())
    }

    /// Waits until it is lost; for ever, where it never is. Cancel at will.
    pub async fn lost(&mut self) {
        match &mut self.lost {
            Some(lost) => while lost.changed().await.is_ok() {},
            None => std::future::pending().await,
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("shared", &self.is_shared()).field("lost", &self.is_lost()).finish()
    }
}

/// Held by the store as long as a [`Lease`] is good; dropped, the lease is lost.
#[derive(Debug)]
pub struct Revoker(watch::Sender<()>);

impl Revoker {
    /// Waits until the lease was dropped. Cancel at will.
    pub async fn returned(&self) {
        self.0.closed().await;
    }
}
