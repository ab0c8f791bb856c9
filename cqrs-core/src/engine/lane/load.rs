//! Bringing a lane's state up to date with the log.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use super::{Lane, Live};
use crate::{
    aggregate::Aggregate,
    engine::decision::{corrupt, fold},
    group_commit::GroupCommit,
    store::{HistoryEvent, StoreError, Version},
};

/// How many events are read at once when an aggregate is loaded. Each page is twice the one before it, up to the largest:
/// folding begins early, and a long history takes few round trips.
const FIRST_PAGE: usize = 512;
const LARGEST_PAGE: usize = 4096;

impl<A: Aggregate> Lane<A> {
    /// Loads what is new of the aggregate, unless somebody else just did. Answers the version that was read, which is
    /// the log's at a moment after the call; `None` where somebody else had read it.
    pub(in crate::engine) async fn load(&self, log: &GroupCommit) -> Result<Option<Version>, StoreError> {
        let _loading = self.loading.lock().await;
        let (mut aggregate, mut version) = {
            let mut state = self.lock();
            match state.live.take() {
                Some(live) if !live.stale => {
                    state.live = Some(live);
                    return Ok(None);
                }
                Some(mut live) => match live.fold_decided() {
                    Ok(()) => (live.aggregate, live.committed),
                    Err(_) => (None, Version::START),
                },
                None => (None, Version::START),
            }
        };
        let mut limit = FIRST_PAGE;
        let mut page = self.read(log, version, limit).await?;
        loop {
            // While one page is folded, the next one is read.
            let next = match page.last() {
                Some(last) if page.len() == limit => {
                    limit = (limit * 2).min(LARGEST_PAGE);
                    Some(begun(self.read(log, last.version, limit)).await)
                }
                _ => None,
            };
            for event in page {
                if let Err(cause) = fold(&mut aggregate, &event.event_type, &event.payload) {
                    return Err(self.corrupt(log, version, cause).await);
                }
                version = event.version;
            }
            match next {
                Some(Begun::Done(next)) => page = next?,
                Some(Begun::Pending(next)) => page = next.await?,
                None => break,
            }
        }
        self.lock().live = Some(Live {
            aggregate,
            unfolded: Vec::new(),
            committed: version,
            decided: version,
            builds_on: None,
            stale: false,
        });
        Ok(Some(version))
    }

    fn read(
        &self,
        log: &GroupCommit,
        after: Version,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<HistoryEvent>, StoreError>> + Send + use<A> {
        let (store, stream) = (Arc::clone(log.store()), self.stream.clone());
        async move { store.read_history(&stream, after, limit).await }
    }

    /// The error that names the event behind `version`, which cannot be folded (S10).
    async fn corrupt(&self, log: &GroupCommit, version: Version, cause: String) -> StoreError {
        match log.store().read_stream(&self.stream, version, 1).await {
            Ok(events) => match events.first() {
                Some(recorded) => corrupt(recorded, &cause),
                None => StoreError::Failed { message: cause, source: None },
            },
            Err(error) => error,
        }
    }
}

/// A future that was polled once.
enum Begun<F: Future> {
    Done(F::Output),
    Pending(Pin<Box<F>>),
}

/// Has a store set to work, which costs no task as a spawned future would.
async fn begun<F: Future>(future: F) -> Begun<F> {
    let mut future = Box::pin(future);
    match poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
        Poll::Ready(done) => Begun::Done(done),
        Poll::Pending => Begun::Pending(future),
    }
}
