//! One decision: the path that production and the test kit share.

use std::sync::Arc;

use crate::{
    aggregate::{Aggregate, Decide, Misapplied},
    command::{AggregateCommand, CommandError},
    context::Context,
    event::{ClaimChange, Event, LostClaim},
    store::{AlreadyClaimed, Claim, Corrupt, NewEvent, RecordedEvent, StoreError, StreamId},
};

/// The stored names of an event enum's types, shared by all events instead of copied into each.
#[derive(Debug, Clone)]
pub(crate) struct TypeNames(Vec<Arc<str>>);

impl TypeNames {
    pub(crate) fn of<E: Event>() -> Self {
        Self(E::TYPES.iter().map(|known| known.name.into()).collect())
    }

    fn get<E: Event>(&self, event: &E) -> Arc<str> {
        self.0.get(event.type_index()).map_or_else(|| event.event_type().name.into(), Arc::clone)
    }
}

/// What a handler decided.
#[derive(Debug)]
pub(crate) struct Decision<E, R, X> {
    pub(crate) changes: Changes<E>,
    /// The domain's error for each claim that has one.
    pub(crate) refusals: Vec<Refusal<X>>,
    pub(crate) result: R,
}

/// What a decision changes.
#[derive(Debug)]
pub(crate) struct Changes<E> {
    /// The events, to be folded.
    pub(crate) events: Vec<E>,
    /// The same, to be stored.
    pub(crate) stored: Vec<NewEvent>,
    pub(crate) claims: Vec<Claim>,
}

impl<E> Changes<E> {
    pub(crate) const NONE: Self = Self { events: Vec::new(), stored: Vec::new(), claims: Vec::new() };
}

/// The domain's own error for a unique value that turns out to be taken.
#[derive(Debug)]
pub(crate) struct Refusal<X> {
    key: &'static str,
    value: String,
    error: X,
}

/// The error of a lost claim: the domain's, if it has one.
pub(crate) fn refuse<X>(refusals: Vec<Refusal<X>>, lost: AlreadyClaimed) -> CommandError<X> {
    refusals
        .into_iter()
        .find(|refusal| *refusal.key == *lost.key && refusal.value == lost.value)
        .map_or(CommandError::AlreadyClaimed(lost), |refusal| CommandError::Rejected(refusal.error))
}

pub(crate) type DecisionOf<C> = Decision<
    <<C as AggregateCommand>::Aggregate as Aggregate>::Event,
    <C as crate::Command>::Result,
    <C as crate::Command>::Error,
>;

/// Decides `command` on `state`, and checks that what was decided can be stored and read back into a state.
pub(crate) fn decide<C>(
    stream: &StreamId,
    names: &TypeNames,
    state: Option<&C::Aggregate>,
    command: &C,
    ctx: &Context,
) -> Result<DecisionOf<C>, CommandError<C::Error>>
where
    C: AggregateCommand,
    C::Aggregate: Decide<C>,
{
    let (events, result) = C::Aggregate::decide(state, command, &ctx.for_decision())?;
    let mut stored = Vec::with_capacity(events.as_slice().len());
    let mut folded = Vec::with_capacity(events.as_slice().len());
    let mut claims = Vec::new();
    let mut refusals = Vec::new();
    let mut alive = state.is_some();
    for event in events {
        if event.aggregate_id() != command.aggregate_id() {
            let category = <C::Aggregate as Aggregate>::Event::AGGREGATE;
            let other = StreamId::of(category, event.aggregate_id())?;
            return Err(CommandError::ForeignEvent { stream: stream.clone(), other });
        }
        let variant = event.event_type().variant;
        let cause = match (alive, C::Aggregate::creates(&event)) {
            (true, true) => Some(Misapplied::AlreadyAlive(variant)),
            (false, false) => Some(Misapplied::NotAlive(variant)),
            _ => None,
        };
        if let Some(cause) = cause {
            return Err(CommandError::Misapplied { stream: stream.clone(), cause });
        }
        alive = true;
        for claim in event.claims() {
            let (key, holder) = (claim.key.into(), stream.clone());
            claims.push(match claim.change {
                ClaimChange::Set(value) => {
                    if let Some(error) = event.lost_claim(claim.key) {
                        refusals.push(Refusal { key: claim.key, value: value.clone(), error });
                    }
                    Claim::Replace { key, value, holder }
                }
                ClaimChange::Release => Claim::Release { key, value: None, holder },
            });
        }
        let (event_type, tags) = (names.get(&event), event.tags());
        let (payload, event) = readable(stream, event)?;
        stored.push(NewEvent { stream: stream.clone(), event_type, payload: payload.into(), tags });
        folded.push(event);
    }
    stored.iter().try_for_each(NewEvent::validate)?;
    claims.iter().try_for_each(Claim::validate)?;
    Ok(Decision { changes: Changes { events: folded, stored, claims }, refusals, result })
}

/// An event as it is stored, and as it is folded: where it was read back, what was read.
///
/// JSON has no number for a float that is not finite, and serde writes `null` for it without a word, so an event with a
/// `null` in it is read back before it is written. So is every event in a build with debug assertions, where tests find
/// attributes of serde's that write one thing and read another.
fn readable<E: Event, X>(stream: &StreamId, event: E) -> Result<(Vec<u8>, E), CommandError<X>> {
    let payload = event.encode().map_err(|error| CommandError::Encode(Arc::new(error)))?;
    if !cfg!(debug_assertions) && !payload.windows(4).any(|bytes| bytes == b"null") {
        return Ok((payload, event));
    }
    match E::decode(event.event_type().name, &payload) {
        Ok(read) => Ok((payload, read)),
        Err(cause) => Err(CommandError::Unreadable { stream: stream.clone(), cause }),
    }
}

/// Folds a stored event into a state. Answers with what is wrong where it cannot be decoded or does not fit the state.
pub(crate) fn fold<A: Aggregate>(state: &mut Option<A>, event_type: &str, payload: &[u8]) -> Result<(), String> {
    let event = A::Event::decode(event_type, payload).map_err(|error| error.to_string())?;
    A::apply(state, event).map_err(|error| error.to_string())
}

/// The error that names a stored event nobody can read.
pub(crate) fn corrupt(recorded: &RecordedEvent, cause: &dyn std::fmt::Display) -> StoreError {
    Box::new(Corrupt {
        position: recorded.position,
        stream: recorded.stream.to_string(),
        version: recorded.version,
        event_type: recorded.event_type.to_string(),
        cause: cause.to_string(),
    })
    .into()
}
