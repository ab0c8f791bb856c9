//! What waits, and what is with the store.

use std::collections::VecDeque;

use crate::store::{Append, AppendError, Appended, StoreError};

/// How many appends make a commit of their own worth its cost while another is under way.
const WORTH_A_COMMIT: usize = 32;

/// The answers to the appends of a unit, in order.
pub(crate) type Answers = Vec<Result<Appended, AppendError>>;

/// Appends that are answered together, and who wants to know. A unit is never left without an answer: one that is
/// dropped on the way is answered with [`StoreError::Unknown`].
pub(super) struct Unit {
    pub(super) appends: Vec<Append>,
    /// How many answers are owed, also while `appends` are elsewhere.
    count: usize,
    done: Option<Box<dyn FnOnce(Answers) + Send>>,
}

impl Unit {
    pub(super) fn new(appends: Vec<Append>, done: impl FnOnce(Answers) + Send + 'static) -> Self {
        Self { count: appends.len(), appends, done: Some(Box::new(done)) }
    }

    /// One whose appends, so many, are with the store already.
    pub(super) fn under_way(count: usize, done: impl FnOnce(Answers) + Send + 'static) -> Self {
        Self { appends: Vec::new(), count, done: Some(Box::new(done)) }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn answer(mut self, answers: Answers) {
        if let Some(done) = self.done.take() {
            done(answers);
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            done(never_answered(self.count));
        }
    }
}

/// The answers of a store that panicked, or whose runtime was ended.
pub(super) fn never_answered(count: usize) -> Answers {
    let lost = || StoreError::Unknown { message: "the writer stopped before it answered".into(), source: None };
    (0..count).map(|_| Err(lost().into())).collect()
}

/// The units that wait, and counts of what is with the store.
///
/// A batch of more appends costs less for each of them, so one is closed only where to wait gains nothing: where the store
/// has nothing to do, or, if it takes several batches at once, where as many wait as are with it, and many. Callers come
/// back when they are answered, so they fall into as many groups, of which one decides while another is written.
#[derive(Default)]
pub(super) struct Queue {
    units: VecDeque<Unit>,
    /// How many appends the units have.
    waiting: usize,
    /// How many appends are with the store.
    under_way: usize,
    /// How many drive: each has a batch with the store, or is about to take the next.
    drivers: usize,
    /// While a driver lets those come who were just answered: how many appends are enough for a batch.
    enough: usize,
}

impl Queue {
    pub(super) fn push(&mut self, unit: Unit) {
        self.waiting += unit.appends.len();
        self.units.push_back(unit);
    }

    /// Lets one begin to drive with a batch of so many appends that never waited, if nobody drives.
    pub(super) fn begin(&mut self, appends: usize) -> bool {
        let begins = self.drivers == 0;
        if begins {
            self.drivers = 1;
            self.under_way = appends;
        }
        begins
    }

    /// Lets one more begin to drive with what waits, if the store takes `at_once` batches and there is enough for another.
    pub(super) fn begin_beside(&mut self, at_once: usize) -> bool {
        let begins = self.drivers < at_once && self.is_enough();
        self.drivers += usize::from(begins);
        begins
    }

    /// Whether a batch can be closed beside what is with the store.
    fn is_enough(&self) -> bool {
        let least = if self.under_way > 0 { self.under_way.max(WORTH_A_COMMIT) } else { 0 };
        self.waiting >= least.max(self.enough)
    }

    /// A batch of so many appends was answered. Whether its driver does well to let its callers come before it closes the
    /// next: not where enough wait, nor where nobody else would share a commit.
    pub(super) fn gather(&mut self, units: usize, appends: usize, at_once: usize) -> bool {
        let to_come = appends + self.waiting;
        self.enough = to_come.div_ceil(at_once).max(WORTH_A_COMMIT);
        (units > 1 || self.waiting > 0) && !self.is_enough()
    }

    /// Appends are with the store no more.
    pub(super) fn end(&mut self, appends: usize) {
        self.under_way -= appends;
    }

    /// Whole units, up to so many appends, for a driver to take to the store; `None` where they do better to wait for what
    /// is there. The driver then ends.
    pub(super) fn next_batch(&mut self, max: usize) -> Option<Vec<Unit>> {
        self.enough = 0;
        if self.units.is_empty() || !self.is_enough() {
            self.drivers -= 1;
            return None;
        }
        let mut units = Vec::new();
        let mut appends = 0;
        while let Some(unit) = self.units.front() {
            if !units.is_empty() && appends + unit.appends.len() > max {
                break;
            }
            appends += unit.appends.len();
            units.extend(self.units.pop_front());
        }
        self.waiting -= appends;
        self.under_way += appends;
        Some(units)
    }

    /// A driver was dropped in the middle. What waits is left to the others; without any, nobody would take it.
    pub(super) fn abandon(&mut self) -> VecDeque<Unit> {
        self.drivers -= 1;
        if self.drivers > 0 {
            return VecDeque::new();
        }
        self.waiting = 0;
        std::mem::take(&mut self.units)
    }
}
