//! Given, when, then: tests of decisions without a store, without a runtime, on the path that the engine takes.
//!
//! ```
//! # use bank::*;
//! use cqrs::testkit::given;
//!
//! let opened = || AccountEvent::Opened { id: 7, owner: "ann".into() };
//!
//! given([]).when(Open { id: 7, owner: "ann".into() }).then([opened()]);
//!
//! given([opened(), AccountEvent::Deposited { id: 7, amount: 5 }])
//!     .when(Withdraw { id: 7, amount: 2 })
//!     .then([AccountEvent::Withdrawn { id: 7, amount: 2 }])
//!     .then_result(3);
//!
//! given([opened()]).when(Withdraw { id: 7, amount: 2 }).then_error(AccountError::Overdrawn { balance: 0 });
//! ```
//!
//! The history is that of one aggregate. Which unique values others hold is said with [`taken`](Given::taken):
//!
//! ```
//! # use bank::*;
//! # use cqrs::testkit::given;
//! let open = Open { id: 8, owner: "ann".into() };
//! given([]).taken("account.owner", "ann").when(open).then_error(AccountError::OwnerHasOne("ann".into()));
//! ```

use std::{
    fmt::{Debug, Display},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use crate::{
    aggregate::{Aggregate, Decide},
    command::{AggregateCommand, Command, CommandError},
    context::{Context, FixedClock, IdGenerator, SequentialIds},
    engine::decision::{DecisionOf, TypeNames, decide, refuse},
    event::Event,
    store::{AlreadyClaimed, Claim, StreamId},
};

/// A history; decide a command on it with [`when`](Given::when).
#[derive(Debug)]
#[must_use = "nothing is tested before `when` and `then…`"]
pub struct Given<E> {
    events: Vec<E>,
    taken: Vec<(String, String)>,
    ctx: Context,
}

/// Begins a test with what has happened so far: `given([])` for nothing.
///
/// The clock stands at the beginning of 2000, ids are 1, 2, 3 …; see [`Given::at`] and [`Given::context`].
pub fn given<E>(events: impl IntoIterator<Item = E>) -> Given<E> {
    let ids: Arc<dyn IdGenerator> = Arc::new(SequentialIds::default());
    let ctx = Context::from_sources(&FixedClock(start_of_2000()), &ids);
    Given { events: events.into_iter().collect(), taken: Vec::new(), ctx }
}

/// When the test kit's clock stands, if not said otherwise.
#[must_use]
pub fn start_of_2000() -> DateTime<Utc> {
    const SECONDS: i64 = 946_684_800;
    DateTime::from_timestamp(SECONDS, 0).unwrap_or_default()
}

impl<E: Event> Given<E> {
    /// Sets the clock.
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        self.ctx = self.ctx.with_now(now);
        self
    }

    /// Replaces the whole context.
    pub fn context(mut self, ctx: Context) -> Self {
        self.ctx = ctx;
        self
    }

    /// Lets another aggregate hold a unique value: the category and the name of the field, `account.owner`, and the value,
    /// compared as `Display` writes it.
    pub fn taken(mut self, key: impl Into<String>, value: impl Display) -> Self {
        self.taken.push((key.into(), value.to_string()));
        self
    }

    /// Decides a command on the history, as the engine would: every event of the history is written as it is stored and
    /// read back first.
    ///
    /// # Panics
    /// Where the history cannot be stored, read back or folded.
    #[track_caller]
    #[must_use = "nothing is tested before `then…`"]
    #[allow(clippy::needless_pass_by_value, reason = "a command is given away, as to the engine")]
    pub fn when<C>(self, command: C) -> Then<C>
    where
        C: AggregateCommand,
        C::Aggregate: Decide<C> + Aggregate<Event = E>,
    {
        let mut state = None;
        for (number, event) in self.events.iter().enumerate() {
            let name = event.event_type().name;
            let applied = event
                .encode()
                .map_err(|error| error.to_string())
                .and_then(|bytes| E::decode(name, &bytes).map_err(|error| error.to_string()))
                .and_then(|event| C::Aggregate::apply(&mut state, event).map_err(|error| error.to_string()));
            if let Err(cause) = applied {
                panic!("event {} of the history, `{name}`, cannot be used: {cause}", number + 1);
            }
        }
        let outcome = StreamId::of(E::AGGREGATE, command.aggregate_id())
            .map_err(CommandError::from)
            .and_then(|stream| decide(&stream, &TypeNames::of::<E>(), state.as_ref(), &command, &self.ctx))
            .and_then(|decision| match self.lost(&decision.changes.claims) {
                Some(lost) => Err(refuse(decision.refusals, lost)),
                None => Ok(decision),
            });
        Then { outcome }
    }

    /// The first of the claims that another holds, as a store would report it.
    fn lost(&self, claims: &[Claim]) -> Option<AlreadyClaimed> {
        claims.iter().find_map(|claim| match claim {
            Claim::Take { key, value, .. } | Claim::Replace { key, value, .. } => {
                let held = self.taken.iter().any(|taken| taken.0 == **key && taken.1 == *value);
                let holder = StreamId::of(E::AGGREGATE, &"another").ok()?;
                held.then(|| AlreadyClaimed { key: Arc::clone(key), value: value.clone(), holder })
            }
            Claim::Release { .. } => None,
        })
    }
}

/// What a command was answered with; compare it with what was expected.
pub struct Then<C: AggregateCommand> {
    outcome: Result<DecisionOf<C>, CommandError<C::Error>>,
}

type EventOf<C> = <<C as AggregateCommand>::Aggregate as Aggregate>::Event;

#[allow(clippy::return_self_not_must_use, reason = "an expectation is complete; what it returns is for more of them")]
#[allow(clippy::needless_pass_by_value, reason = "`then_error(Error::Variant)` reads better than with a `&`")]
impl<C: AggregateCommand> Then<C> {
    #[track_caller]
    fn decided(&self) -> &DecisionOf<C> {
        match &self.outcome {
            Ok(decision) => decision,
            Err(error) => panic!("expected a decision, the command was refused: {error}"),
        }
    }

    #[track_caller]
    fn refused(&self) -> &CommandError<C::Error> {
        match &self.outcome {
            Ok(decision) => {
                panic!("expected a refusal, the command was accepted with {}", described(&decision.changes.events))
            }
            Err(error) => error,
        }
    }

    /// Expects exactly these events, compared as they are stored.
    ///
    /// # Panics
    /// Where the command was refused, or decided otherwise.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = EventOf<C>>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        let (expected, actual) = (described(&expected), described(&self.decided().changes.events));
        assert!(expected == actual, "expected the events\n{expected}\nbut they are\n{actual}");
        self
    }

    /// Expects that nothing changes.
    ///
    /// # Panics
    /// Where the command was refused, or decided on events.
    #[track_caller]
    pub fn then_nothing(self) -> Self {
        self.then([])
    }

    /// Expects this result.
    ///
    /// # Panics
    /// Where the command was refused, or has another result.
    #[track_caller]
    pub fn then_result(self, expected: C::Result) -> Self
    where
        <C as Command>::Result: PartialEq + Debug,
    {
        assert_eq!(self.decided().result, expected, "the command's result");
        self
    }

    /// Expects this refusal of the domain, compared as `Debug` writes it.
    ///
    /// # Panics
    /// Where the command was accepted, or refused otherwise.
    #[track_caller]
    pub fn then_error(self, expected: C::Error) -> Self {
        let expected = format!("{expected:?}");
        match self.refused() {
            CommandError::Rejected(actual) if format!("{actual:?}") == expected => {}
            CommandError::Rejected(actual) => panic!("expected the refusal {expected}, but it is {actual:?}"),
            other => panic!("expected the refusal {expected}, but the command failed: {other}"),
        }
        self
    }

    /// Expects a failure that is none of the domain's, such as [`CommandError::NotFound`].
    ///
    /// # Panics
    /// Where the command was accepted, or `matches` says no.
    #[track_caller]
    pub fn then_failure(self, matches: impl FnOnce(&CommandError<C::Error>) -> bool) -> Self {
        let error = self.refused();
        assert!(matches(error), "the command failed otherwise than expected: {error}");
        self
    }
}

impl<C: AggregateCommand> std::fmt::Debug for Then<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.outcome {
            Ok(decision) => f.write_str(&described(&decision.changes.events)),
            Err(error) => Debug::fmt(error, f),
        }
    }
}

/// Events as they are stored, one a line.
fn described<E: Event>(events: &[E]) -> String {
    let line = |event: &E| {
        let payload = event.encode().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        format!("  {} {}", event.event_type(), payload.unwrap_or_else(|error| error.to_string()))
    };
    let lines: Vec<String> = events.iter().map(line).collect();
    if lines.is_empty() { "  none".into() } else { lines.join("\n") }
}
