//! The lane of one live aggregate: its commands are decided one after another and leave together.
//!
//! A lane holds the aggregate's state, folded from its stream. A command is decided on the state that the one before it
//! leaves, even while that one's append is under way; what was decided meanwhile goes out as one group when the append is
//! answered. So a hot aggregate is as fast as many cold ones, and its callers see no conflicts.
//!
//! A state may be out of date, because other processes write too. Every append therefore expects the version it was
//! decided at, and names the append that it builds on; where that fails, everything decided on it is decided again.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use tokio::sync::oneshot;

use super::decision::{Changes, corrupt, fold};
use crate::{
    aggregate::Aggregate,
    context::Context,
    group_commit::{Answers, GroupCommit, Room},
    store::{
        Append, AppendError, Appended, Condition, Conflict, Expected, HistoryEvent, RequestId, StoreError, StreamId,
        Version,
    },
};

/// How many events are read at once when an aggregate is loaded. Each page is twice the one before it, up to the largest:
/// folding begins early, and a long history takes few round trips.
const FIRST_PAGE: usize = 512;
const LARGEST_PAGE: usize = 4096;

/// One live aggregate.
///
/// The state is owned by a mutex that is held for a decision, never across a wait. User code runs under it, so it may be
/// poisoned by a panic in a handler; the state is then thrown away and loaded anew.
pub(super) struct Lane<A: Aggregate> {
    pub(super) stream: StreamId,
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
}

/// An aggregate's state, some of whose events may be on their way only.
pub(super) struct Live<A: Aggregate> {
    aggregate: Option<A>,
    /// Decided, and not folded into `aggregate` yet: they are when the next command needs it. User code so never runs
    /// where answers are handed out, and a failed append often leaves the state as it was.
    unfolded: Vec<A::Event>,
    /// How far the log is known to have come.
    committed: Version,
    /// How far `aggregate` and `unfolded` have come.
    decided: Version,
    /// The last append that writes and is not answered yet.
    builds_on: Option<RequestId>,
    /// Whether the log has moved on beyond `committed`.
    stale: bool,
}

/// Decisions on their way, and who waits for each.
struct Group {
    appends: Vec<Append>,
    callers: Vec<Caller>,
}

struct Caller {
    answer: oneshot::Sender<Answer>,
    /// How many events the decision writes.
    events: u64,
    _room: Room,
}

/// A decision that was made, and has to be [sent](Lane::send).
pub(super) enum Ticket {
    /// Nothing of the lane is under way: the caller carries its append to the log itself.
    Alone { epoch: u64, append: Append, room: Room },
    /// It goes out when the group that is under way is answered.
    Waits(oneshot::Receiver<Answer>),
}

/// A decision that was sent.
pub(super) enum Sent {
    Answered(Answer),
    UnderWay(oneshot::Receiver<Answer>),
}

/// What became of a decision.
pub(super) enum Answer {
    /// It holds.
    Done(Appended),
    /// Something else was written first: decide again.
    Again(Conflict),
    /// It failed for good.
    Failed(AppendError),
}

/// The state a command is decided on.
pub(super) struct Turn<'a, A: Aggregate> {
    state: MutexGuard<'a, State<A>>,
}

impl<A: Aggregate> Lane<A> {
    pub(super) fn new(stream: StreamId) -> Self {
        let state = State { live: None, epoch: 0, under_way: false, waiting: Group::EMPTY };
        Self { stream, loading: tokio::sync::Mutex::default(), state: Mutex::new(state) }
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
            Ok(()) => Some(Turn { state }),
            Err(_) => {
                state.throw_away(&self.stream);
                None
            }
        }
    }

    /// Loads what is new of the aggregate, unless somebody else just did. Answers the version that was read, which is
    /// the log's at a moment after the call; `None` where somebody else had read it.
    pub(super) async fn load(&self, log: &GroupCommit) -> Result<Option<Version>, StoreError> {
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

    /// Sends a decision. To be called at once, for nothing else of the lane is sent before.
    pub(super) fn send(self: &Arc<Self>, log: &GroupCommit, ticket: Ticket) -> Sent {
        let (epoch, append, room) = match ticket {
            Ticket::Alone { epoch, append, room } => (epoch, append, room),
            Ticket::Waits(answered) => return Sent::UnderWay(answered),
        };
        let events = append.events.len() as u64;
        let mut later = None;
        let answers = log.submit(vec![append], || {
            let (answer, answered) = oneshot::channel();
            later = Some(answered);
            self.handing_out(log, epoch, vec![Caller { answer, events, _room: room }])
        });
        match (later, answers.and_then(|mut answers| answers.pop())) {
            (Some(answered), _) => Sent::UnderWay(answered),
            (None, answer) => {
                let answer = answer.unwrap_or_else(|| Err(StoreError::Closed.into()));
                self.settle(epoch, [(events, &answer)]);
                self.send_waiting(log);
                Sent::Answered(answer.into())
            }
        }
    }

    /// Sends what was decided while something was under way.
    fn send_waiting(self: &Arc<Self>, log: &GroupCommit) {
        let (epoch, Group { appends, callers }) = {
            let mut state = self.lock();
            if state.under_way || state.waiting.appends.is_empty() {
                return;
            }
            state.under_way = true;
            (state.epoch, std::mem::replace(&mut state.waiting, Group::EMPTY))
        };
        let mut hand_out = Some(self.handing_out(log, epoch, callers));
        let answers = log.submit(appends, || {
            let hand_out = hand_out.take();
            move |answers| {
                if let Some(hand_out) = hand_out {
                    hand_out(answers);
                }
            }
        });
        if let (Some(answers), Some(hand_out)) = (answers, hand_out) {
            hand_out(answers);
        }
    }

    /// Hands out the answers to a group, takes back what was decided on a state that did not come to be, and goes on.
    fn handing_out(
        self: &Arc<Self>,
        log: &GroupCommit,
        epoch: u64,
        callers: Vec<Caller>,
    ) -> impl FnOnce(Answers) + Send + 'static {
        let (lane, log) = (Arc::clone(self), log.clone());
        move |answers| {
            lane.settle(epoch, callers.iter().map(|caller| caller.events).zip(&answers));
            for (caller, answer) in callers.into_iter().zip(answers) {
                // Nobody listens where the caller was dropped.
                let _ = caller.answer.send(answer.into());
            }
            lane.send_waiting(&log);
        }
    }

    /// Ends what was under way.
    fn settle<'a>(&self, epoch: u64, answers: impl IntoIterator<Item = (u64, &'a Result<Appended, AppendError>)>) {
        let mut state = self.lock();
        state.under_way = false;
        if state.epoch == epoch {
            let mut written = 0;
            let mut intact = true;
            for (events, answer) in answers {
                match answer {
                    // An answer given twice does not tell which versions it wrote.
                    Ok(appended) if !appended.repeated => written += events,
                    _ => intact = false,
                }
            }
            state.settle(&self.stream, written, intact);
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

impl Group {
    const EMPTY: Self = Self { appends: Vec::new(), callers: Vec::new() };
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

    fn throw_away(&mut self, stream: &StreamId) {
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

impl<A: Aggregate> Live<A> {
    fn fold_decided(&mut self) -> Result<(), crate::Misapplied> {
        self.unfolded.drain(..).try_for_each(|event| A::apply(&mut self.aggregate, event))
    }

    /// Forgets what was decided beyond the log, and has the rest brought up to date. Impossible, and answered with `false`, where it was folded in already.
    fn take_back(&mut self) -> bool {
        let folded = self.decided.0 - self.unfolded.len() as u64;
        let Some(keep) = self.committed.0.checked_sub(folded) else { return false };
        self.unfolded.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        self.stale = true;
        true
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
