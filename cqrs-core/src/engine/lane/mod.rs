//! The lane of one live aggregate: its commands are decided one after another and leave together.
//!
//! A lane holds the aggregate's state, folded from its stream. A command is decided on the state that the one before it
//! leaves, even while that one's append is under way; what was decided meanwhile goes out as one group when the append is
//! answered. So a hot aggregate is as fast as many cold ones, and its callers see no conflicts.
//!
//! A state may be out of date, because other processes write too. Every append therefore expects the version it was
//! decided at, and names the append that it builds on; where that fails, everything decided on it is decided again.

mod live;
mod load;
mod send;
mod snapshots;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use self::{
    live::Live,
    send::{Caller, Group},
};
pub(super) use self::{
    send::{Answer, Sent, Ticket},
    snapshots::Policy,
};
use super::decision::Changes;
use crate::{
    aggregate::Aggregate,
    context::Context,
    group_commit::Room,
    store::{Append, Condition, Expected, StreamId, Version},
};

/// One live aggregate.
///
/// The state is owned by a mutex that is held for a decision, never across a wait. User code runs under it, so it may be
/// poisoned by a panic in a handler; the state is then thrown away and loaded anew.
pub(super) struct Lane<A: Aggregate> {
    pub(super) stream: StreamId,
    policy: Option<Arc<Policy<A>>>,
    loading: tokio::sync::Mutex<()>,
    state: Mutex<State<A>>,
}

struct State<A: Aggregate> {
    /// `None` where it must be loaded.
    live: Option<Live<A>>,
    /// Counts the states thrown away, so that the answer to a group is not added to a state that it is not about.
    epoch: u64,
    /// Whether a group of this lane is on its way to the store.
    under_way: bool,
    /// What was decided meanwhile.
    waiting: Group,
    /// Whether a snapshot is on its way to the store.
    keeping: bool,
}

/// The state a command is decided on.
pub(super) struct Turn<'a, A: Aggregate> {
    state: MutexGuard<'a, State<A>>,
}

impl<A: Aggregate> Lane<A> {
    pub(super) fn new(stream: StreamId, policy: Option<Arc<Policy<A>>>) -> Self {
        let state = State { live: None, epoch: 0, under_way: false, waiting: Group::EMPTY, keeping: false };
        Self { stream, policy, loading: tokio::sync::Mutex::default(), state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(|poisoned| {
            self.state.clear_poison();
            let mut state = PoisonError::into_inner(poisoned);
            state.throw_away(&self.stream);
            state
        })
    }

    /// The aggregate's state, for one decision; `None` where it must be loaded first.
    pub(super) fn turn(&self) -> Option<Turn<'_, A>> {
        let mut state = self.lock();
        let live = state.live.as_mut().filter(|live| !live.stale)?;
        match live.fold_decided() {
            Ok(()) => {
                if let Some(policy) = &self.policy {
                    live.take_snapshot(&self.stream, policy);
                }
                Some(Turn { state })
            }
            Err(_) => {
                state.throw_away(&self.stream);
                None
            }
        }
    }
}

impl<A: Aggregate> Turn<'_, A> {
    fn live(&mut self) -> Option<&mut Live<A>> {
        self.state.live.as_mut()
    }

    /// The state to decide on.
    pub(super) fn aggregate(&self) -> Option<&A> {
        self.state.live.as_ref().and_then(|live| live.aggregate.as_ref())
    }

    /// The version the state is at, and whether that much is in the log.
    pub(super) fn version(&self) -> (Version, bool) {
        self.state.live.as_ref().map_or((Version::START, false), |live| (live.decided, live.builds_on.is_none()))
    }

    /// Takes note of a decision; without events it asks to confirm that the state is what it was decided on. Answers with
    /// the version after it.
    pub(super) fn decided(
        mut self,
        stream: &StreamId,
        ctx: &Context,
        changes: Changes<A::Event>,
        room: Room,
    ) -> (Version, Ticket) {
        let Changes { events, stored, claims } = changes;
        let written = stored.len() as u64;
        let mut append = Append {
            request: ctx.request_id(),
            conditions: Vec::new(),
            events: stored,
            claims,
            metadata: Arc::clone(ctx.metadata()),
        };
        let mut after = Version::START;
        if let Some(live) = self.live() {
            let expected = Condition::Stream { stream: stream.clone(), expected: Expected::Version(live.decided) };
            append.conditions = match live.builds_on {
                None => vec![expected],
                Some(request) => vec![expected, Condition::Written { request }],
            };
            live.decided = live.decided.plus(written);
            live.unfolded.extend(events);
            if append.writes() {
                live.builds_on = Some(append.request);
            }
            after = live.decided;
        }
        let state = &mut *self.state;
        if !state.under_way && state.waiting.appends.is_empty() {
            state.under_way = true;
            return (after, Ticket::Alone { epoch: state.epoch, append, room });
        }
        let (answer, answered) = oneshot::channel();
        state.waiting.appends.push(append);
        state.waiting.callers.push(Caller { answer, events: written, _room: room });
        (after, Ticket::Waits(answered))
    }
}
