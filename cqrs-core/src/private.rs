//! What generated code calls. Not for people: it changes without notice.

mod blocks;
mod coverage;
pub(crate) mod derive;
mod fallback;
mod handler;
mod known;
mod output;
mod statements;
mod stored;
mod views;

use crate::{
    aggregate::{DecisionResult, HandlerOutput},
    projection::{Change, IntoChange},
    store::StreamId,
};

pub use core;
pub use std::{
    self,
    clone::Clone,
    option::Option::{self, None, Some},
    result::Result::{self, Err, Ok},
    vec::Vec,
};
pub use uuid::Uuid;

pub use derive::{
    Always, Field, IndexedIn, IsId, MakesError, Nobody, QueryError, Sometimes, Taken, UniqueValue, event_type,
    given_back, key_column, key_ref, key_value, lost, present, taken,
};

pub use blocks::{Block, Blocks, joined};
pub use coverage::{Uncovered, assert_covered, assert_covered_of_several};
pub use fallback::{Beside, NoCommand, NoQuery, NoTypes, TypesOf, no_codec};
pub use handler::{
    Answers, CommandOf, Concerns, Handles, NoAnswer, NoDecision, NoResult, NotAnswered, NotConcerned, NotHandled,
    NotServed, Output, Serves,
};
pub use known::{Asked, ErrorOf, IsAggregate, IsError, IsEvent, IsQueryError, IsReadModel, Known};
pub use output::{
    Created, FieldFor, IdFor, KeyFor, QueryOutput, ServiceOutput, answered, executed, field, id_for, key_for,
};

pub use stored::{EventPayload, RowPayload, RowRead, RowWritten};

pub use views::{ViewsFor, views};

pub use statements::{boxed, transaction, unwritten, written};

pub use crate::{
    aggregate::{Aggregate, Decide, Events, IdOf, Misapplied, Target},
    command::{AggregateCommand, Command, CommandError, CommandHandler, Receipt},
    context::Context,
    dispatch::{
        BoxFuture, ByName, CommandByName, CommandByTypeOnly, CommandRoute, CommandRoutes, Dispatcher, JsonCommands,
        JsonQueries, QueryByName, QueryByTypeOnly, QueryRoute, QueryRoutes, RouteCommand, RouteQuery, serve,
        serve_query,
    },
    engine::Engine,
    event::{ClaimChange, Either, Event, EventClaim, EventSet, EventType, LostClaim},
    payload::Codec,
    projection::{InTransaction, Projection, ProjectionError, RowKey, TransactionProjection},
    query::{Answer, Consistency, Query, QueryHandler, ViewQuery},
    read_model::{Column, ColumnError, ColumnRef, ColumnSchema, ReadModel, Schema, Value},
    snapshot::{SnapshotState, Snapshots},
    store::{Cause, RecordedEvent},
    views::Views,
};

/// How an aggregate's state is kept.
pub type Kept<A> = Option<Snapshots<A>>;

/// The snapshots of an aggregate.
#[must_use]
pub const fn snapshots<A: SnapshotState>(every: u64, version: u64) -> Kept<A> {
    Some(Snapshots::new(every, version))
}

fn stream_of<C: AggregateCommand>(command: &C) -> Result<StreamId, CommandError<C::Error>> {
    let category = <<C::Aggregate as Aggregate>::Event as Event>::AGGREGATE;
    Ok(StreamId::of(category, command.aggregate_id())?)
}

/// The living aggregate that a handler with `&self` needs.
pub fn require_living<'a, C: AggregateCommand>(
    state: Option<&'a C::Aggregate>,
    command: &C,
) -> Result<&'a C::Aggregate, CommandError<C::Error>> {
    match state {
        Some(state) => Ok(state),
        None => Err(match C::Aggregate::not_found(command.aggregate_id()) {
            Some(error) => CommandError::Rejected(error),
            None => CommandError::NotFound { stream: stream_of(command)? },
        }),
    }
}

/// That there is no aggregate yet, as a handler without a receiver needs.
pub fn require_new<C: AggregateCommand>(
    state: Option<&C::Aggregate>,
    command: &C,
) -> Result<(), CommandError<C::Error>> {
    if state.is_none() {
        return Ok(());
    }
    Err(match C::Aggregate::already_exists(command.aggregate_id()) {
        Some(error) => CommandError::Rejected(error),
        None => CommandError::AlreadyExists { stream: stream_of(command)? },
    })
}

/// What a handler returned, as a decision.
pub fn decision<A, C>(output: impl HandlerOutput<A, C>) -> DecisionResult<A, C>
where
    A: Aggregate,
    C: Command<Error = A::Error>,
{
    output.into_output().map_err(CommandError::Rejected)
}

/// The state that an event changes.
pub fn living<'a, A>(state: &'a mut Option<A>, variant: &'static str) -> Result<&'a mut A, Misapplied> {
    state.as_mut().ok_or(Misapplied::NotAlive(variant))
}

/// Brings to life what is not alive.
pub fn born<A>(state: &mut Option<A>, variant: &'static str, made: impl Created<A>) -> Result<(), Misapplied> {
    if state.is_some() {
        return Err(Misapplied::AlreadyAlive(variant));
    }
    *state = Some(made.created());
    Ok(())
}

/// Makes a row that is not there.
pub fn new_row<M>(row: &Option<M>, variant: &'static str, made: impl Created<M>) -> Result<Option<M>, ProjectionError> {
    if row.is_some() { Err(ProjectionError::RowExists(variant)) } else { Ok(Some(made.created())) }
}

/// The row that an event changes.
pub fn existing_row<M>(row: Option<M>, variant: &'static str) -> Result<M, ProjectionError> {
    row.ok_or(ProjectionError::NoRow(variant))
}

/// The key of the row that an event may have to make; asked for before the event is taken apart, and only where there
/// is no row.
pub fn key_to_insert<P: Projection>(row: &Option<P>, event: &P::Event) -> Option<P::Key> {
    if row.is_some() { None } else { P::row_key(event) }
}

/// The row that an event changes, or, where there is none, the key that `or_insert` makes it from.
pub fn row_or_key<M: ReadModel>(
    row: Option<M>,
    key: Option<M::Key>,
    variant: &'static str,
) -> Result<Result<M, M::Key>, ProjectionError> {
    row.map(Ok).or(key.map(Err)).ok_or(ProjectionError::NoRow(variant))
}

/// A row after its handler.
pub fn changed_row<M>(change: impl IntoChange, row: M) -> Result<Option<M>, ProjectionError> {
    Ok(match change.into_change() {
        Change::Keep => Some(row),
        Change::Delete => None,
    })
}

/// The key of a row.
pub type KeyOf<M> = <M as ReadModel>::Key;

pub use crate::aggregate::DecisionResult as Decision;

/// What a handler of a service comes to.
pub type Executed<C> = Result<Receipt<<C as Command>::Result>, CommandError<<C as Command>::Error>>;

/// What a query comes to.
pub type Answered<Q> = Result<<Q as Query>::Result, <Q as Query>::Error>;

/// An event of an aggregate that no `#[on]` covers. The compiler has said so; this is for the time until it is put right.
pub fn uncovered<A: Aggregate>(event: &A::Event) -> Result<(), Misapplied> {
    Err(Misapplied::Uncovered(event.event_type().variant))
}

/// An event of a projection that no `#[on]` covers.
pub fn uncovered_row<M>(event: &impl Uncovered) -> Result<Option<M>, ProjectionError> {
    Err(ProjectionError::Uncovered(event.variant()))
}

/// The key that a field of an event is.
pub fn key_of_row<M: ReadModel>(field: &impl RowKey<M::Key>) -> Option<M::Key> {
    field.row_key()
}

/// The routes of a block.
pub fn list<T, const N: usize>(items: [T; N]) -> Vec<T> {
    items.into()
}

/// A dispatcher's field, asked at compile time what it does by name; see [`ByName`] for how.
#[derive(Debug)]
pub struct FieldProbe<'a, T>(pub &'a T);

/// Fields that execute commands by name.
pub trait ProbeCommands<'a> {
    /// The field, if it does.
    fn commands(&self) -> Option<&'a dyn JsonCommands>;
}

/// All other fields.
pub trait ProbeNoCommands<'a> {
    /// Nothing.
    fn commands(&self) -> Option<&'a dyn JsonCommands>;
}

impl<'a, T: JsonCommands> ProbeCommands<'a> for FieldProbe<'a, T> {
    fn commands(&self) -> Option<&'a dyn JsonCommands> {
        Some(self.0)
    }
}

impl<'a, T> ProbeNoCommands<'a> for &FieldProbe<'a, T> {
    fn commands(&self) -> Option<&'a dyn JsonCommands> {
        None
    }
}

/// Fields that answer queries by name.
pub trait ProbeQueries<'a> {
    /// The field, if it does.
    fn queries(&self) -> Option<&'a dyn JsonQueries>;
}

/// All other fields.
pub trait ProbeNoQueries<'a> {
    /// Nothing.
    fn queries(&self) -> Option<&'a dyn JsonQueries>;
}

impl<'a, T: JsonQueries> ProbeQueries<'a> for FieldProbe<'a, T> {
    fn queries(&self) -> Option<&'a dyn JsonQueries> {
        Some(self.0)
    }
}

impl<'a, T> ProbeNoQueries<'a> for &FieldProbe<'a, T> {
    fn queries(&self) -> Option<&'a dyn JsonQueries> {
        None
    }
}
