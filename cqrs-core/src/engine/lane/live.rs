//! An aggregate's state in memory, and what of it is in the log.

use super::snapshots::Taken;
use crate::{
    aggregate::{Aggregate, Misapplied},
    store::{RequestId, Version},
};

/// An aggregate's state, some of whose events may be on their way only.
pub(super) struct Live<A: Aggregate> {
    pub(super) aggregate: Option<A>,
    /// Decided, and not folded into `aggregate` yet: they are when the next command needs it. User code so never runs
    /// where answers are handed out, and a failed append often leaves the state as it was.
    pub(super) unfolded: Vec<A::Event>,
    /// How far the log is known to have come.
    pub(super) committed: Version,
    /// How far `aggregate` and `unfolded` have come.
    pub(super) decided: Version,
    /// The last append that writes and is not answered yet.
    pub(super) builds_on: Option<RequestId>,
    /// Whether the log has moved on beyond `committed`.
    pub(super) stale: bool,
    /// A snapshot that waits for the log to come as far.
    pub(super) taken: Option<Taken>,
    /// The version of the last snapshot, taken or loaded.
    pub(super) taken_at: Version,
}

impl<A: Aggregate> Live<A> {
    /// A state as the log has it.
    pub(super) fn at(version: Version, aggregate: Option<A>) -> Self {
        Self {
            aggregate,
            unfolded: Vec::new(),
            committed: version,
            decided: version,
            builds_on: None,
            stale: false,
            taken: None,
            taken_at: version,
        }
    }

    /// How far `aggregate` has come.
    pub(super) fn folded(&self) -> Version {
        Version(self.decided.0 - self.unfolded.len() as u64)
    }

    pub(super) fn fold_decided(&mut self) -> Result<(), Misapplied> {
        self.unfolded.drain(..).try_for_each(|event| A::apply(&mut self.aggregate, event))
    }

    /// Forgets what was decided beyond the log, and has the rest brought up to date. Impossible, and answered with
    /// `false`, where it was folded in already.
    pub(super) fn take_back(&mut self) -> bool {
        let Some(keep) = self.committed.0.checked_sub(self.folded().0) else { return false };
        self.unfolded.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        self.stale = true;
        true
    }
}
