//! Waiting for the turn to run a projection (R6), and following who runs it meanwhile (R3).

use std::{
    future::{Future, pending, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{Backoff, place::Place, status::Progress};
use crate::store::{EventStore, Lease, Position, StoreError};

/// How often the checkpoint of another process's runner is looked at: soon after events came, then ever more seldom.
const SOONEST: Duration = Duration::from_millis(2);
/// At the least so often where a query waits for it.
const AWAITED: Duration = Duration::from_millis(50);
/// And so often where none does.
const UNAWAITED: Duration = Duration::from_secs(1);

/// One that does not run a projection.
pub(super) struct Follower<'a> {
    pub(super) log: &'a dyn EventStore,
    pub(super) place: &'a Place,
    pub(super) progress: &'a Progress,
}

impl Follower<'_> {
    /// Waits for the lease.
    pub(super) async fn turn(&self) -> Lease {
        let following = async {
            self.follow(|| false).await;
            pending().await
        };
        first_of(self.lease(), following).await
    }

    /// Waits until another runner's checkpoint is beyond `position`.
    pub(super) async fn overtaken(&self, position: Position) {
        self.follow(|| self.progress.position() > position).await;
    }

    async fn lease(&self) -> Lease {
        let mut backoff = Backoff::default();
        loop {
            match self.place.lease().await {
                Ok(lease) => return lease,
                Err(error) => {
                    tracing::warn!(projection = self.place.name(), %error, "the lease cannot be waited for");
                    backoff.pause().await;
                }
            }
        }
    }

    /// Keeps the position where the stored checkpoint is, as long as that is not enough.
    async fn follow(&self, enough: impl Fn() -> bool) {
        let mut backoff = Backoff::default();
        while !enough() {
            match self.catch_up(&enough).await {
                Ok(()) => backoff = Backoff::default(),
                Err(error) => {
                    tracing::warn!(projection = self.place.name(), %error, "a projection cannot be followed");
                    backoff.pause().await;
                }
            }
        }
    }

    /// Waits for events, and for the runner to have handled them. Nothing is looked at while there are none.
    async fn catch_up(&self, enough: &impl Fn() -> bool) -> Result<(), StoreError> {
        let mut seen = self.progress.position();
        let head = self.log.wait_beyond(seen).await?;
        let mut pause = SOONEST;
        loop {
            let checkpoint = self.place.checkpoint().await?;
            self.progress.reached(checkpoint);
            if checkpoint >= head || enough() {
                return Ok(());
            }
            if checkpoint > seen {
                (seen, pause) = (checkpoint, SOONEST);
            }
            if self.progress.asked_within(pause).await {
                pause = SOONEST;
            } else {
                pause = (pause * 2).min(if self.progress.is_awaited() { AWAITED } else { UNAWAITED });
            }
        }
    }
}

/// Whichever of the two is done first. The other is dropped.
pub(super) async fn first_of<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|task| match one.as_mut().poll(task) {
        Poll::Ready(done) => Poll::Ready(done),
        Poll::Pending => other.as_mut().poll(task),
    })
    .await
}
