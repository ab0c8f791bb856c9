//! Load, decide, append; again where another write came first.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use super::{
    Inner,
    decision::{Changes, Decision, Refusal, TypeNames, decide, refuse},
    lane::{Answer, Lane, Sent, Ticket},
};
use crate::{
    aggregate::Decide,
    command::{AggregateCommand, CommandError, Receipt},
    context::Context,
    dispatch::note_position,
    group_commit::Room,
    store::{AppendError, Appended, Conflict, RecordedEvent, StoreError, Version},
};

/// The longest pause before a command is decided again, in milliseconds; the first is two.
const LONGEST_PAUSE: u64 = 64;

/// One command on its way through the engine.
pub(super) struct Execution<'a, C: AggregateCommand> {
    pub(super) engine: &'a Inner,
    pub(super) names: &'a TypeNames,
    pub(super) lane: Arc<Lane<C::Aggregate>>,
    pub(super) command: &'a C,
    pub(super) ctx: &'a Context,
}

/// A decision that waits for the log's answer.
struct Proposal<R, X> {
    /// The result, and what is said where a unique value is taken; or a refusal, to be confirmed.
    verdict: Result<(R, Vec<Refusal<X>>), CommandError<X>>,
    /// Whether it writes anything, or only confirms what it was decided on.
    writes: bool,
    /// The stream's version after it.
    version: Version,
    ticket: Ticket,
}

/// A command that was carried out.
pub(super) struct Done<R> {
    pub(super) receipt: Receipt<R>,
    /// The receipt of an earlier append under the same request id, where the log answered with it. It may be of another
    /// decision.
    pub(super) repeated: Option<Appended>,
    /// Whether something was written for it.
    wrote: bool,
}

enum Attempt<R> {
    Done(Done<R>),
    Conflict(Conflict),
}

impl Inner {
    pub(super) async fn execute<C>(
        &self,
        command: C,
        ctx: Context,
    ) -> Result<Receipt<C::Result>, CommandError<C::Error>>
    where
        C: AggregateCommand,
        C::Aggregate: Decide<C>,
    {
        let lanes = self.registry.lanes::<C::Aggregate>();
        let lane = lanes.lane(command.aggregate_id())?;
        let execution = Execution { engine: self, names: &lanes.names, lane, command: &command, ctx: &ctx };
        let receipt = if ctx.is_repeatable() { execution.run_once().await? } else { execution.run_own().await? };
        note_position(receipt.position);
        Ok(receipt)
    }
}

impl<C> Execution<'_, C>
where
    C: AggregateCommand,
    C::Aggregate: Decide<C>,
{
    /// Decides under a request id that nobody else should have. An answer that was given before is this execution's own
    /// where its batch was given to the store twice; else somebody used the same context for two commands.
    async fn run_own(&self) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        let Done { receipt, repeated, wrote } = self.run().await?;
        let Some(appended) = repeated else { return Ok(receipt) };
        let reused = CommandError::RequestReused { request: receipt.request, appended };
        // A store remembers no append that wrote nothing.
        if !wrote {
            return Err(reused);
        }
        let before = Version(receipt.version.0.saturating_sub(1));
        // Something is written, so no error may say that nothing was.
        let unread = |error| StoreError::Unknown {
            message: "the answer came again, and the stream could not be read".into(),
            source: Some(Arc::new(error)),
        };
        let last = self.engine.log.store().read_stream(&self.lane.stream, before, 1).await.map_err(unread)?;
        let is_own =
            |event: &RecordedEvent| event.metadata.request == receipt.request && event.position == appended.last;
        if last.first().is_some_and(is_own) {
            return Ok(receipt);
        }
        Err(reused)
    }

    /// Decides until the log agrees.
    pub(super) async fn run(&self) -> Result<Done<C::Result>, CommandError<C::Error>> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let conflict = match self.attempt().await? {
                Attempt::Done(done) => return Ok(done),
                Attempt::Conflict(conflict) => conflict,
            };
            tracing::debug!(stream = %self.lane.stream, attempts, %conflict, "decided again");
            if attempts >= self.engine.options.max_attempts {
                return Err(CommandError::Conflict { conflict, attempts });
            }
            if attempts > 1 {
                tokio::time::sleep(pause(attempts)).await;
            }
        }
    }

    async fn attempt(&self) -> Result<Attempt<C::Result>, CommandError<C::Error>> {
        let mut room = self.engine.log.reserve().await;
        let mut read_at = None;
        let proposal = loop {
            match self.propose(room, read_at)? {
                Ok(proposal) => break proposal,
                Err(returned) => room = returned,
            }
            read_at = self.lane.load(&self.engine.log).await?;
        };
        let answer = match self.lane.send(&self.engine.log, proposal.ticket) {
            Sent::Answered(answer) => answer,
            Sent::UnderWay(answered) => answered.await.unwrap_or(Answer::Failed(StoreError::Closed.into())),
        };
        match (answer, proposal.verdict) {
            (Answer::Again(conflict), _) => Ok(Attempt::Conflict(conflict)),
            (Answer::Failed(AppendError::AlreadyClaimed(lost)), Ok((_, refusals))) => Err(refuse(refusals, lost)),
            (Answer::Failed(error), _) => Err(error.into()),
            // The receipt of something that was written confirms no refusal.
            (Answer::Done(appended), Err(_)) if appended.repeated => {
                Err(CommandError::RequestReused { request: self.ctx.request_id(), appended })
            }
            (Answer::Done(_), Err(refusal)) => Err(refusal),
            (Answer::Done(appended), Ok((result, _))) => {
                let (position, version, request) = (appended.last, proposal.version, self.ctx.request_id());
                let receipt = Receipt { result, position, version, request };
                let repeated = appended.repeated.then_some(appended);
                Ok(Attempt::Done(Done { receipt, repeated, wrote: proposal.writes }))
            }
        }
    }

    /// Decides on the state that the lane has, and queues the outcome. Gives the room back where there is no state yet.
    ///
    /// `read_at` is the version that was read since the command came in: a refusal at that version stands, while any
    /// other was made on a state that may be out of date, and has to be confirmed by the log.
    #[expect(clippy::type_complexity, reason = "the error of the command outside, the room for another try inside")]
    fn propose(
        &self,
        room: Room,
        read_at: Option<Version>,
    ) -> Result<Result<Proposal<C::Result, C::Error>, Room>, CommandError<C::Error>> {
        let stream = &self.lane.stream;
        let Some(turn) = self.lane.turn() else { return Ok(Err(room)) };
        let (version, in_log) = turn.version();
        let confirmed = in_log && read_at == Some(version);
        let (changes, verdict) = match decide(stream, self.names, turn.aggregate(), self.command, self.ctx) {
            Ok(Decision { changes, refusals, result }) => (changes, Ok((result, refusals))),
            Err(refusal) if confirmed || !refusal.depends_on_state() => return Err(refusal),
            Err(refusal) => (Changes::NONE, Err(refusal)),
        };
        let writes = !(changes.stored.is_empty() && changes.claims.is_empty());
        let (version, ticket) = turn.decided(stream, self.ctx, changes, room);
        Ok(Ok(Proposal { verdict, writes, version, ticket }))
    }
}

/// Half fixed, half random, so that processes that met once do not meet again.
fn pause(attempts: u32) -> Duration {
    let longest = (1 << attempts.min(16)).min(LONGEST_PAUSE);
    let half = Duration::from_millis(longest) / 2;
    let random = RandomState::new().hash_one(attempts) % 1000;
    half + half.mul_f64(Duration::from_millis(random).as_secs_f64())
}
