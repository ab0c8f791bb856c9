//! From a lane to the log and back: one decision alone, or a group of those that waited for it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Lane, State};
use crate::{
    aggregate::Aggregate,
    group_commit::{Answers, GroupCommit, Room},
    store::{Append, AppendError, Appended, Condition, Conflict, Expected, StoreError, StreamId, Version},
};

/// How many groups of others a caller sends before its own answer is given to it.
const GROUPS_OF_OTHERS: usize = 8;

/// What comes after a group that was answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Whoever decides next sends it.
    IsFree,
    /// What is decided waits, to be [sent together](Lane::send_gathered).
    Gathers,
}

/// Decisions on their way, and who waits for each.
pub(super) struct Group {
    pub(super) appends: Vec<Append>,
    pub(super) callers: Vec<Caller>,
}

pub(super) struct Caller {
    pub(super) answer: oneshot::Sender<Answer>,
    /// How many events the decision writes.
    pub(super) events: u64,
    pub(super) _room: Room,
}

/// A decision that was made, and has to be [sent](Lane::send).
pub(in crate::engine) enum Ticket {
    /// Nothing of the lane is under way: the caller carries its append to the log itself.
    Alone { epoch: u64, append: Append, room: Room },
    /// It goes out when the group that is under way is answered.
    Waits(oneshot::Receiver<Answer>),
}

/// A decision that was sent.
pub(in crate::engine) enum Sent {
    Answered(Answer),
    UnderWay(oneshot::Receiver<Answer>),
}

/// What became of a decision.
pub(in crate::engine) enum Answer {
    /// It holds.
    Done(Appended),
    /// Something else was written first: decide again.
    Again(Conflict),
    /// It failed for good.
    Failed(AppendError),
}

impl<A: Aggregate> Lane<A> {
    /// Sends a decision. To be called at once, for nothing else of the lane is sent before.
    pub(in crate::engine) fn send(self: &Arc<Self>, log: &GroupCommit, ticket: Ticket) -> Sent {
        let (epoch, append, room) = match ticket {
            Ticket::Alone { epoch, append, room } => (epoch, append, room),
            Ticket::Waits(answered) => return Sent::UnderWay(answered),
        };
        let events = append.events.len() as u64;
        let mut later = None;
        let answers = log.submit(vec![append], || {
            let (answer, answered) = oneshot::channel();
            later = Some(answered);
            let (lane, log, callers) = (Arc::clone(self), log.clone(), vec![Caller { answer, events, _room: room }]);
            move |answers| {
                lane.hand_out(&log, epoch, callers, answers, Next::IsFree);
                lane.send_waiting(&log);
            }
        });
        match (later, answers.and_then(|mut answers| answers.pop())) {
            (Some(answered), _) => Sent::UnderWay(answered),
            (None, answer) => {
                let answer = answer.unwrap_or_else(|| Err(StoreError::Closed.into()));
                self.settle(log, epoch, [(events, &answer)], Next::IsFree);
                self.send_waiting(log);
                Sent::Answered(answer.into())
            }
        }
    }

    /// Sends what was decided while something was under way, group after group, as long as the store answers at once;
    /// after some groups on a task of its own, for the caller waits for its own answer.
    fn send_waiting(self: &Arc<Self>, log: &GroupCommit) {
        for _ in 0..GROUPS_OF_OTHERS {
            let Some((epoch, Group { appends, callers })) = self.next_group(log.max_batch()) else { return };
            let mut callers = Some(callers);
            let answers = log.submit(appends, || {
                let (lane, log, callers) = (Arc::clone(self), log.clone(), callers.take().unwrap_or_default());
                move |answers| {
                    let next = if callers.len() > 1 { Next::Gathers } else { Next::IsFree };
                    lane.hand_out(&log, epoch, callers, answers, next);
                    match next {
                        Next::Gathers => lane.send_gathered(&log),
                        Next::IsFree => lane.send_waiting(&log),
                    }
                }
            });
            match (answers, callers) {
                (Some(answers), Some(callers)) => self.hand_out(log, epoch, callers, answers, Next::IsFree),
                _ => return,
            }
        }
        let mut state = self.lock();
        if !state.under_way && !state.waiting.appends.is_empty() {
            state.under_way = true;
            drop(state);
            self.send_gathered(log);
        }
    }

    /// Lets those who were just answered decide their next before anything is sent: else the first of them would go alone,
    /// and the others would wait for it.
    fn send_gathered(self: &Arc<Self>, log: &GroupCommit) {
        let gathering = Gathering { lane: Arc::clone(self), log: log.clone() };
        log.spawn(async move {
            tokio::task::yield_now().await;
            drop(gathering);
        });
    }

    fn next_group(&self, limit: usize) -> Option<(u64, Group)> {
        let mut state = self.lock();
        if state.under_way || state.waiting.appends.is_empty() {
            return None;
        }
        state.under_way = true;
        let rest = state.waiting.split_off(limit);
        Some((state.epoch, std::mem::replace(&mut state.waiting, rest)))
    }

    /// Hands out the answers to a group, and takes back what was decided on a state that did not come to be.
    fn hand_out(self: &Arc<Self>, log: &GroupCommit, epoch: u64, callers: Vec<Caller>, answers: Answers, next: Next) {
        self.settle(log, epoch, callers.iter().map(|caller| caller.events).zip(&answers), next);
        for (caller, answer) in callers.into_iter().zip(answers) {
            // Nobody listens where the caller was dropped.
            let _ = caller.answer.send(answer.into());
        }
    }

    /// Ends what was under way.
    fn settle<'a>(
        self: &Arc<Self>,
        log: &GroupCommit,
        epoch: u64,
        answers: impl IntoIterator<Item = (u64, &'a Result<Appended, AppendError>)>,
        next: Next,
    ) {
        let mut state = self.lock();
        state.under_way = next == Next::Gathers;
        if state.epoch == epoch {
            let mut written = 0;
            let mut intact = true;
            for (events, answer) in answers {
                match answer {
                    // An answer given twice does not tell which versions it wrote, and nothing behind it does.
                    Ok(appended) if intact && !appended.repeated => written += events,
                    _ => intact = false,
                }
            }
            state.settle(&self.stream, written, intact);
        }
        let taken = state.snapshot_to_keep();
        drop(state);
        self.keep(log, taken);
    }
}

/// Stands for the right to send what gathers, which is sent when this is dropped: by the end of the runtime, too.
struct Gathering<A: Aggregate> {
    lane: Arc<Lane<A>>,
    log: GroupCommit,
}

impl<A: Aggregate> Drop for Gathering<A> {
    fn drop(&mut self) {
        self.lane.lock().under_way = false;
        self.lane.send_waiting(&self.log);
    }
}

impl Group {
    pub(super) const EMPTY: Self = Self { appends: Vec::new(), callers: Vec::new() };

    /// What is behind the first `limit`.
    fn split_off(&mut self, limit: usize) -> Self {
        let limit = limit.min(self.appends.len());
        Self { appends: self.appends.split_off(limit), callers: self.callers.split_off(limit) }
    }
}

impl From<Result<Appended, AppendError>> for Answer {
    fn from(answer: Result<Appended, AppendError>) -> Self {
        match answer {
            Ok(appended) => Self::Done(appended),
            Err(AppendError::Conflict(conflict)) => Self::Again(conflict),
            Err(error) => Self::Failed(error),
        }
    }
}

impl<A: Aggregate> State<A> {
    /// Adds what was written to what is known of the log; takes the rest back where something was not.
    fn settle(&mut self, stream: &StreamId, written: u64, intact: bool) {
        let Some(live) = &mut self.live else { return };
        live.committed = live.committed.plus(written);
        if intact {
            if self.waiting.appends.is_empty() {
                live.builds_on = None;
            }
        } else if live.take_back() {
            self.decide_again(stream);
        } else {
            self.throw_away(stream);
        }
    }

    pub(super) fn throw_away(&mut self, stream: &StreamId) {
        self.decide_again(stream);
        self.live = None;
        self.epoch += 1;
    }

    /// What waits was decided on a state that did not come to be.
    fn decide_again(&mut self, stream: &StreamId) {
        let actual = self.live.as_ref().map_or(Version::START, |live| live.committed);
        let Group { appends, callers } = std::mem::replace(&mut self.waiting, Group::EMPTY);
        for (append, caller) in appends.into_iter().zip(callers) {
            let expected = append.conditions.iter().find_map(|condition| match condition {
                Condition::Stream { expected, .. } => Some(*expected),
                _ => None,
            });
            let expected = expected.unwrap_or(Expected::Any);
            let conflict = Conflict::Stream { stream: stream.clone(), expected, actual };
            let _ = caller.answer.send(Answer::Again(conflict));
        }
    }
}
