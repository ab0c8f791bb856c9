//! Bringing a lane's state up to date with the log.

use std::{future::poll_fn, panic::resume_unwind, pin::Pin, sync::Arc, task::Poll};

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

/// Why events could not be folded.
enum Stuck {
    /// The event behind `after` cannot be decoded, or does not fit the state.
    Event {
        after: Version,
        cause: String,
    },
    Store(StoreError),
}

impl From<StoreError> for Stuck {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<A: Aggregate> Lane<A> {
    /// Loads what is new of the aggregate, unless somebody else just did. Answers the version that was read, which is
    /// the log's at a moment after the call; `None` where somebody else had read it.
    ///
    /// All others wait for it, so it goes on where its caller is dropped or polls it no more.
    pub(in crate::engine) async fn load(self: &Arc<Self>, log: &GroupCommit) -> Result<Option<Version>, StoreError> {
        let (lane, own_log) = (Arc::clone(self), log.clone());
        match begun(async move { lane.load_alone(&own_log).await }).await {
            Begun::Done(loaded) => loaded,
            Begun::Pending(loading) => match log.spawn(loading).await {
                Ok(loaded) => loaded,
                // A bug of the user's in folding is the caller's, as it is where a command is decided.
                Err(ended) => match ended.try_into_panic() {
                    Ok(panic) => resume_unwind(panic),
                    Err(_) => Err(StoreError::Closed),
                },
            },
        }
    }

    async fn load_alone(self: &Arc<Self>, log: &GroupCommit) -> Result<Option<Version>, StoreError> {
        let _loading = self.loading.lock().await;
        let known = {
            let mut state = self.lock();
            match state.live.take() {
                Some(live) if !live.stale => {
                    state.live = Some(live);
                    return Ok(None);
                }
                outdated => outdated.and_then(|mut live| live.fold_decided().is_ok().then_some(live)),
            }
        };
        let mut live = self.bring_up_to_date(log, known).await?;
        if let Some(policy) = &self.policy {
            live.take_snapshot(&self.stream, policy);
        }
        let version = live.committed;
        let mut state = self.lock();
        state.live = Some(live);
        let taken = state.snapshot_to_keep();
        drop(state);
        self.keep(log, taken);
        Ok(Some(version))
    }

    /// Folds what the log has behind the state that is known, or else behind the snapshot, or else all there is. Where
    /// something does not fit, the events alone are asked.
    async fn bring_up_to_date(&self, log: &GroupCommit, known: Option<Live<A>>) -> Result<Live<A>, StoreError> {
        let begin = match known {
            Some(live) => {
                let page = self.read(log, live.committed, FIRST_PAGE).await?;
                let known =
                    Live { taken: live.taken, taken_at: live.taken_at, ..Live::at(live.committed, live.aggregate) };
                Some((known, page))
            }
            None => self.begin_at_snapshot(log).await,
        };
        if let Some((live, page)) = begin {
            let version = live.committed;
            match self.fold_on(log, live, page).await {
                Ok(live) => return Ok(live),
                Err(Stuck::Store(error)) => return Err(error),
                Err(Stuck::Event { cause, .. }) => {
                    tracing::warn!(stream = %self.stream, %version, cause, "the events are folded from the first");
                }
            }
        }
        let page = self.read(log, Version::START, FIRST_PAGE).await?;
        match self.fold_on(log, Live::at(Version::START, None), page).await {
            Ok(live) => Ok(live),
            Err(Stuck::Store(error)) => Err(error),
            Err(Stuck::Event { after, cause }) => Err(self.corrupt(log, after, cause).await),
        }
    }

    /// The state of the snapshot, and the first page of events from the last that was folded into it: where the log does
    /// not have that one, the snapshot is of another log. `None` where there is no snapshot that is of use.
    async fn begin_at_snapshot(&self, log: &GroupCommit) -> Option<(Live<A>, Vec<HistoryEvent>)> {
        let policy = self.policy.as_deref()?;
        let stream = &self.stream;
        let ignored = |error: StoreError| tracing::warn!(%stream, %error, "a snapshot could not be loaded");
        let snapshot = log.store().snapshot(stream).await.map_err(ignored).ok()??;
        let (version, aggregate) = (snapshot.version, policy.read(&snapshot)?);
        let before = Version(version.0.checked_sub(1)?);
        let page = self.read(log, before, FIRST_PAGE).await.map_err(ignored).ok()?;
        if page.first().is_none_or(|event| event.version != version) {
            tracing::warn!(%stream, %version, "a snapshot beyond the end of its stream is ignored");
            return None;
        }
        Some((Live::at(version, Some(aggregate)), page))
    }

    /// Folds a page of events and all behind it into a state.
    async fn fold_on(&self, log: &GroupCommit, mut live: Live<A>, first: Vec<HistoryEvent>) -> Result<Live<A>, Stuck> {
        let (mut version, mut page, mut limit) = (live.committed, first, FIRST_PAGE);
        loop {
            // While one page is folded, the next one is read.
            let next = match page.last() {
                Some(last) if page.len() == limit => {
                    limit = (limit * 2).min(LARGEST_PAGE);
                    Some(begun(self.read(log, last.version, limit)).await)
                }
                _ => None,
            };
            let seen = version;
            for event in page.into_iter().skip_while(|event| event.version <= seen) {
                if let Err(cause) = fold(&mut live.aggregate, &event.event_type, &event.payload) {
                    return Err(Stuck::Event { after: version, cause });
                }
                version = event.version;
            }
            match next {
                Some(Begun::Done(next)) => page = next?,
                Some(Begun::Pending(next)) => page = next.await?,
                None => break,
            }
        }
        (live.committed, live.decided) = (version, version);
        Ok(live)
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
