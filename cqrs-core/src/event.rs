//! Events: facts about one aggregate.

use std::{
    fmt::{self, Display},
    hash::Hash,
};

use crate::{payload, private::derive::Unhandled, store::Tag};

/// What identifies an aggregate: a `Uuid`, a `String`, a number, or a type of the user's.
///
/// Implemented for every type that is `Clone`, `Eq`, `Hash`, `Display`, `Send`, `Sync` and owns its data. What
/// `Display` writes names the stream, so it must be different for different ids, and must never change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of an aggregate",
    label = "not usable as an id",
    note = "an id is `Clone + Eq + Hash + Display + Send + Sync + 'static`: for a type of your own add `#[derive(Clone, PartialEq, \
            Eq, Hash)]` and implement `std::fmt::Display`, which names the stream"
)]
pub trait AggregateId: Clone + Eq + Hash + Display + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Eq + Hash + Display + Send + Sync + 'static> AggregateId for T {}

/// An id of no type.
#[doc(hidden)]
pub trait NoId: AggregateId {}

// With one impl alone rustc would say what of it is missing, one thing after the other.
#[diagnostic::do_not_recommend]
impl<T: NoId> AggregateId for T where Option<T>: Unhandled {}

/// The events of one kind of aggregate: an enum with one variant a fact.
///
/// Derive it with `#[derive(Event)]`. The variant's own fields are what is stored, as a JSON object without the enum's
/// wrapper; the variant is told by the stored name of its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "add `#[derive(Event)]` and `#[cqrs(aggregate = \"…\", id = …)]` to `{Self}`"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// The type of the aggregate's id.
    type Id: AggregateId;

    /// The aggregate's name, which begins the names of its streams: `user`.
    const AGGREGATE: &'static str;

    /// One entry a variant, in the order of the source.
    const TYPES: &'static [EventType];

    /// How they are written and read back: [`Codec::JSON`](payload::Codec::JSON).
    const CODEC: payload::Codec<Self>;

    /// The id of the aggregate the event is about.
    fn aggregate_id(&self) -> &Self::Id;

    /// The place of this event's variant in [`TYPES`](Self::TYPES).
    fn type_index(&self) -> usize;

    /// The unique values the event takes or gives back. None, if not said otherwise.
    fn claims(&self) -> Vec<EventClaim> {
        Vec::new()
    }

    /// The tags by which decisions over several streams find the event. None, if not said otherwise.
    fn tags(&self) -> Vec<Tag> {
        Vec::new()
    }

    /// The entry of this event's variant.
    fn event_type(&self) -> &'static EventType {
        &Self::TYPES[self.type_index()]
    }

    /// The variant's own fields as JSON.
    fn encode(&self) -> Result<Vec<u8>, payload::EncodeError> {
        (Self::CODEC.encode)(self)
    }

    /// Reads an event of the type stored as `name` back from its payload.
    fn decode(name: &str, payload: &[u8]) -> Result<Self, payload::DecodeError> {
        let event_type = Self::TYPES
            .iter()
            .find(|known| known.is_named(name))
            .ok_or_else(|| payload::DecodeError::unknown_type(name, Self::TYPES))?;
        (Self::CODEC.decode)(event_type, payload)
    }
}

/// What is known of one variant of an event enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventType {
    /// The name it is stored under, `user.created`. Never changes once events are stored.
    pub name: &'static str,
    /// Names it was stored under before.
    pub aliases: &'static [&'static str],
    /// The variant's name in the source.
    pub variant: &'static str,
    /// The variant's place in the enum, as serde counts.
    pub index: u32,
}

impl EventType {
    /// Whether events of this type are, or were, stored under `name`.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A unique value that an event takes or gives back, for the aggregate it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventClaim {
    /// What is unique, `user.email`.
    pub key: &'static str,
    /// What becomes of it.
    pub change: ClaimChange,
}

/// What becomes of an aggregate's unique value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimChange {
    /// The aggregate holds exactly this value from now on.
    Set(String),
    /// The aggregate holds none from now on.
    Release,
}

/// Turns a unique value that somebody else holds into the domain's own error, as `taken = …` says.
///
/// `#[derive(Event)]` implements it: for the error type named by `taken`, or, where no field has one, for every error
/// type, answering `None`; the caller then sees
/// [`CommandError::AlreadyClaimed`](crate::CommandError::AlreadyClaimed).
#[diagnostic::on_unimplemented(
    message = "`taken = …` in `{Self}` does not make a `{E}`",
    label = "its unique values are refused with another error than `{E}`",
    note = "an aggregate and the `taken` of its events name the same error type"
)]
pub trait LostClaim<E> {
    /// The error for the unique value under `key` that this event asked for in vain.
    fn lost_claim(&self, key: &str) -> Option<E>;
}

/// One or several event enums that a projection follows.
///
/// Every [`Event`] is a set of its own; [`Either`] joins two.
pub trait EventSet: Sized + Send + Sync + 'static {
    /// Every stored name, present and past, of every type in the set.
    fn names() -> Vec<&'static str>;

    /// Reads an event of the type stored as `name`.
    fn decode_any(name: &str, payload: &[u8]) -> Result<Self, payload::DecodeError>;
}

impl<E: Event> EventSet for E {
    fn names() -> Vec<&'static str> {
        E::TYPES.iter().flat_map(|known| std::iter::once(known.name).chain(known.aliases.iter().copied())).collect()
    }

    fn decode_any(name: &str, payload: &[u8]) -> Result<Self, payload::DecodeError> {
        E::decode(name, payload)
    }
}

/// An event of one of two sets. Several are joined as `Either<A, Either<B, C>>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Either<A, B> {
    /// Of the first set.
    Left(A),
    /// Of the second set.
    Right(B),
}

impl<A: EventSet, B: EventSet> EventSet for Either<A, B> {
    fn names() -> Vec<&'static str> {
        let mut names = A::names();
        names.extend(B::names());
        names
    }

    fn decode_any(name: &str, payload: &[u8]) -> Result<Self, payload::DecodeError> {
        if A::names().contains(&name) {
            A::decode_any(name, payload).map(Self::Left)
        } else {
            B::decode_any(name, payload).map(Self::Right)
        }
    }
}
