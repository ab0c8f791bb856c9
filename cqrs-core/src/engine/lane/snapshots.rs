//! A lane's snapshots: taken of the folded state, and kept once the log has come that far.
//!
//! A state may hold events that are only decided, and may never be. So a snapshot waits with the state it was taken of: it
//! is given to the store when all of its events are in the log, and forgotten with the state where they do not get there.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;

use super::{Lane, Live, State};
use crate::{
    aggregate::Aggregate,
    group_commit::GroupCommit,
    snapshot::Snapshots,
    store::{Snapshot, StreamId, Version},
};

/// How long a store may take to keep a snapshot. One that never answers costs a lane this snapshot, and not all after it.
const KEPT_WITHIN: Duration = Duration::from_secs(30);

/// How the snapshots of one type of aggregate are taken and read.
pub(in crate::engine) struct Policy<A> {
    snapshots: Snapshots<A>,
    shape: u64,
}

/// A snapshot of a state that may be ahead of the log.
pub(super) struct Taken {
    version: Version,
    state: Bytes,
}

impl<A: Aggregate> Policy<A> {
    /// The aggregate's own, if it keeps snapshots.
    pub(in crate::engine) fn of_aggregate() -> Option<Arc<Self>> {
        let snapshots = A::SNAPSHOTS?;
        let shape = snapshots.shape();
        Some(Arc::new(Self { snapshots, shape }))
    }

    /// The state of a snapshot, if it is of use.
    pub(super) fn read(&self, snapshot: &Snapshot) -> Option<A> {
        let Snapshot { stream, version, shape, state } = snapshot;
        if *shape != self.shape {
            tracing::debug!(%stream, %version, "a snapshot of another shape is ignored");
            return None;
        }
        let read = self.snapshots.decode(state);
        read.inspect_err(|cause| tracing::warn!(%stream, %version, cause, "a snapshot that cannot be read is ignored"))
            .ok()
    }
}

impl<A: Aggregate> Live<A> {
    /// Takes a snapshot of the folded state where one is due and none is waiting.
    pub(super) fn take_snapshot(&mut self, stream: &StreamId, policy: &Policy<A>) {
        let Some(aggregate) = &self.aggregate else { return };
        let version = self.folded();
        if self.taken.is_some() || version.0.saturating_sub(self.taken_at.0) < policy.snapshots.every() {
            return;
        }
        // What failed is not tried again until as many events later.
        self.taken_at = version;
        match policy.snapshots.encode(aggregate) {
            Ok(state) => self.taken = Some(Taken { version, state: state.into() }),
            Err(cause) => tracing::warn!(%stream, %version, cause, "a state cannot be kept as a snapshot"),
        }
    }
}

impl<A: Aggregate> State<A> {
    /// A snapshot whose events are all in the log, where none is on its way.
    pub(super) fn snapshot_to_keep(&mut self) -> Option<Taken> {
        let live = self.live.as_mut().filter(|_| !self.keeping)?;
        let taken = live.taken.take_if(|taken| taken.version <= live.committed)?;
        self.keeping = true;
        Some(taken)
    }
}

impl<A: Aggregate> Lane<A> {
    /// Has a snapshot kept in the background. Nobody waits for it, and nobody hears of it but the operator.
    pub(super) fn keep(self: &Arc<Self>, log: &GroupCommit, taken: Option<Taken>) {
        let (Some(policy), Some(Taken { version, state })) = (&self.policy, taken) else { return };
        let snapshot = Snapshot { stream: self.stream.clone(), version, shape: policy.shape, state };
        let (keeping, store) = (Keeping(Arc::clone(self)), Arc::clone(log.store()));
        log.spawn(async move {
            let stream = &keeping.0.stream;
            match timeout(KEPT_WITHIN, store.keep_snapshot(snapshot)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%stream, %version, %error, "a snapshot was not kept"),
                Err(_) => tracing::warn!(%stream, %version, "a snapshot was not kept: the store did not answer"),
            }
        });
    }
}

/// A snapshot on its way to the store, which may panic.
struct Keeping<A: Aggregate>(Arc<Lane<A>>);

impl<A: Aggregate> Drop for Keeping<A> {
    fn drop(&mut self) {
        self.0.lock().keeping = false;
    }
}
