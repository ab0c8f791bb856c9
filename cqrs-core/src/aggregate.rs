//! Aggregates: state that comes to life by an event, and the decisions made on it.

use crate::{
    command::{Command, CommandError},
    context::Context,
    event::{Event, LostClaim},
    snapshot::Snapshots,
};

/// The id of an aggregate.
pub type IdOf<A> = <<A as Aggregate>::Event as Event>::Id;

/// State that decisions are made on, folded from its own events.
///
/// Written by `#[aggregate]` on an impl block. The state comes to life by an event, so no `Default` is asked: before
/// the first event there is no value at all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "add `#[aggregate(event = …, error = …)]` to an `impl {Self}` block"
)]
pub trait Aggregate: Sized + Send + Sync + 'static {
    /// The facts it is folded from.
    type Event: Event + LostClaim<Self::Error>;

    /// Why it refuses a command.
    type Error: std::error::Error + Send + Sync + 'static;

    /// How its state is kept, so that a long history need not be folded from its beginning; not at all by default.
    const SNAPSHOTS: Option<Snapshots<Self>> = None;

    /// Whether an event brings the aggregate to life.
    fn creates(event: &Self::Event) -> bool;

    /// Folds an event into the state.
    ///
    /// # Errors
    /// [`Misapplied`] where an event that needs a living aggregate meets none, or one that brings to life meets a
    /// living one. The state is unchanged then.
    fn apply(state: &mut Option<Self>, event: Self::Event) -> Result<(), Misapplied>;

    /// The domain's own error for a command whose aggregate does not exist, as `not_found = …` says.
    fn not_found(_id: &IdOf<Self>) -> Option<Self::Error> {
        None
    }

    /// The domain's own error for a creating command whose aggregate exists, as `already_exists = …` says.
    fn already_exists(_id: &IdOf<Self>) -> Option<Self::Error> {
        None
    }
}

/// An event that does not fit the state it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misapplied {
    /// It changes a state, and there is none yet.
    #[error("`{0}` changes the aggregate, but nothing has brought it to life")]
    NotAlive(&'static str),
    /// It brings to life what lives already.
    #[error("`{0}` brings the aggregate to life, but it lives already")]
    AlreadyAlive(&'static str),
    /// No `#[on]` covers it.
    #[error("`{0}` is covered by no `#[on]`")]
    Uncovered(&'static str),
}

/// What kind of state a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// None: the command brings the aggregate to life. A handler without a receiver.
    New,
    /// A living one. A handler with `&self`.
    Living,
}

/// What a handler answers: events and the command's result, or why not.
pub type DecisionResult<A, C> =
    Result<(Events<<A as Aggregate>::Event>, <C as Command>::Result), CommandError<<C as Command>::Error>>;

/// An aggregate that decides a command: the *decide* of the decider pattern (Jérémie Chassaing, *Functional Event
/// Sourcing Decider*, 2021).
///
/// Written by `#[handle]` on a method of an `#[aggregate]` block.
#[diagnostic::on_unimplemented(
    message = "nothing handles the command `{C}`",
    label = "`{Self}` has no `#[handle]` for `{C}`",
    note = "add `#[handle] fn name(&self, command: {C}) -> Result<…>` to the `#[aggregate]` block of `{Self}`"
)]
pub trait Decide<C: Command>: Aggregate {
    /// What the command needs.
    const TARGET: Target;

    /// Decides the command on `state`. Called again, with the same context, where another write came first.
    fn decide(state: Option<&Self>, command: &C, ctx: &Context) -> DecisionResult<Self, C>;
}

/// The events of one decision; the usual one needs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Events<E> {
    /// None: nothing changes.
    None,
    /// One.
    One(E),
    /// Several.
    Many(Vec<E>),
}

impl<E> Events<E> {
    /// The events in order.
    #[must_use]
    pub fn as_slice(&self) -> &[E] {
        match self {
            Self::None => &[],
            Self::One(event) => std::slice::from_ref(event),
            Self::Many(events) => events,
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

impl<E> IntoIterator for Events<E> {
    type Item = E;
    type IntoIter = std::iter::Chain<std::option::IntoIter<E>, std::vec::IntoIter<E>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::None => (None, Vec::new()),
            Self::One(event) => (Some(event), Vec::new()),
            Self::Many(events) => (None, events),
        };
        one.into_iter().chain(many)
    }
}

/// What a handler may return as its events: one, an `Option`, a `Vec` or an array.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}` as events",
    label = "not `{E}`, nor an `Option`, a `Vec` or an array of it",
    note = "return one `{E}`, an `Option<{E}>`, a `Vec<{E}>` or an array; with a result in a pair: `(events, result)`"
)]
pub trait IntoEvents<E> {
    /// The events in order.
    fn into_events(self) -> Events<E>;
}

impl<E: Event> IntoEvents<E> for E {
    fn into_events(self) -> Events<E> {
        Events::One(self)
    }
}

impl<E: Event> IntoEvents<E> for Option<E> {
    fn into_events(self) -> Events<E> {
        self.map_or(Events::None, Events::One)
    }
}

impl<E: Event> IntoEvents<E> for Vec<E> {
    fn into_events(self) -> Events<E> {
        Events::Many(self)
    }
}

impl<E: Event, const N: usize> IntoEvents<E> for [E; N] {
    fn into_events(self) -> Events<E> {
        Events::Many(self.into())
    }
}

impl<E: Event> IntoEvents<E> for Events<E> {
    fn into_events(self) -> Events<E> {
        self
    }
}

/// What a handler may decide: events, or events and the command's result in a pair.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "expected events of type `{E}` and the result `{R}`",
    note = "return one `{E}`, an `Option`, a `Vec` or an array of it; if the command has a result, in a pair: `(events, result)`"
)]
pub trait IntoDecision<E, R> {
    /// The events and the result.
    fn into_decision(self) -> (Events<E>, R);
}

// One impl a shape: a blanket one over `IntoEvents` would overlap with the pair below.
macro_rules! decision_without_result {
    ($([$($generics:tt)*] $shape:ty;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<E: Event, $($generics)*> IntoDecision<E, ()> for $shape {
            fn into_decision(self) -> (Events<E>, ()) {
                (self.into_events(), ())
            }
        })*
    };
}

decision_without_result! {
    [] E;
    [] Option<E>;
    [] Vec<E>;
    [const N: usize] [E; N];
    [] Events<E>;
}

#[diagnostic::do_not_recommend]
impl<E: Event, T: IntoEvents<E>, R> IntoDecision<E, R> for (T, R) {
    fn into_decision(self) -> (Events<E>, R) {
        let (events, result) = self;
        (events.into_events(), result)
    }
}

/// What a `#[handle]` of an aggregate returns: a decision, or a `Result` of one whose error becomes the aggregate's.
#[diagnostic::on_unimplemented(
    message = "the handler of `{C}` cannot return `{Self}`",
    label = "not a decision about `{C}`",
    note = "return `Result<events, error>`: events are one `{E}`, an `Option`, a `Vec` or an array of it, \
            in a pair with the result if `{C}` has one; the error is the aggregate's, or converts into it"
)]
pub trait HandlerOutput<A: Aggregate, C: Command, E = <A as Aggregate>::Event> {
    /// The decision.
    #[allow(clippy::type_complexity, reason = "it is `DecisionResult` without the failures that are not the domain's")]
    fn into_output(self) -> Result<(Events<E>, C::Result), A::Error>;
}

// By its name, and not the aggregate's own: what is no event, which is reported elsewhere, then shows in what is asked.
#[diagnostic::do_not_recommend]
impl<A: Aggregate<Event = E>, C: Command, E, T: IntoDecision<E, C::Result>, X: Into<A::Error>> HandlerOutput<A, C, E>
    for Result<T, X>
{
    fn into_output(self) -> Result<(Events<E>, C::Result), A::Error> {
        self.map(IntoDecision::into_decision).map_err(Into::into)
    }
}
