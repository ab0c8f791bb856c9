//! An aggregate's state in memory, and what of it is in the log.

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
}

impl<A: Aggregate> Live<A> {
    pub(super) fn fold_decided(&mut self) -> Result<(), Misapplied> {
        self.unfolded.drain(..).try_for_each(|event| A::apply(&mut self.aggregate, event))
    }

    /// Forgets what was decided beyond the log, and has the rest brought up to date. Impossible, and answered with
    /// `false`, where it was folded in already.
    pub(super) fn take_back(&mut self) -> bool {
        let folded = self.decided.0 - self.unfolded.len() as u64;
        let Some(keep) = self.committed.0.checked_sub(folded) else { return false };
        self.unfolded.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        self.stale = true;
        true
    }
}
