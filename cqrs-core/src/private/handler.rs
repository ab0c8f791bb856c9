//! What a handler is asked for, one thing after the other, so that one mistake is one error.
//!
//! A handler of what is no command cannot return what its command asks for; only the first is said. Each of these types
//! has an associated function where what it needs holds, and one of the same name by a trait where it does not;
//! look-up takes the first.

use std::marker::PhantomData;

use super::output::{QueryOutput, ServiceOutput};
use crate::{
    aggregate::{Aggregate, DecisionResult, HandlerOutput},
    command::{AggregateCommand, Command, CommandError, Receipt},
    event::Event,
    projection::RowKey,
    query::Query,
    read_model::ReadModel,
};

/// The command of a handler in the block of `A`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command of `{A}`",
    label = "names another aggregate, or none",
    note = "write `#[cqrs(aggregate = {A})]` on `{Self}`, or move the handler: to the block of the aggregate that it names, \
            or, where it names none, to a `#[command_handlers]` block"
)]
pub trait CommandOf<A> {}

#[diagnostic::do_not_recommend]
impl<A: Aggregate, C: AggregateCommand<Aggregate = A>> CommandOf<A> for C {}

macro_rules! handlers {
    ($($(#[$doc:meta])* $name:ident<$($parameter:ident),*>;)*) => {
        $($(#[$doc])*
        #[derive(Debug)]
        pub struct $name<$($parameter),*>(PhantomData<fn() -> ($($parameter,)*)>);

        impl<$($parameter),*> $name<$($parameter),*> {
            /// The only value.
            pub const NEW: Self = Self(PhantomData);
        })*
    };
}

handlers! {
    /// A handler of the aggregate `A` for `C`.
    Handles<A, C>;
    /// A handler of a service for the command `C`.
    Serves<C>;
    /// A handler for the query `Q`.
    Answers<Q>;
}

impl<A, C: Command> Handles<A, C> {
    /// Asks that `T`, which is `C`, is a command of `A`.
    #[must_use]
    pub const fn command<T: CommandOf<A>>(self) -> Self {
        Self::NEW
    }
}

impl<A: Aggregate, C: AggregateCommand<Aggregate = A>> Handles<A, C> {
    /// Asks that `O` is a decision about `C`.
    pub const fn returns<O: HandlerOutput<A, C>>(&self) {}

    /// The living aggregate that the handler needs.
    pub fn living<'a>(&self, state: Option<&'a A>, command: &C) -> Result<&'a A, CommandError<C::Error>> {
        super::require_living(state, command)
    }

    /// That there is no aggregate yet.
    pub fn unborn(&self, state: Option<&A>, command: &C) -> Result<(), CommandError<C::Error>> {
        super::require_new(state, command)
    }
}

/// What is no command of the aggregate.
pub trait NotHandled<A, C>: Sized {
    /// Says nothing.
    #[must_use]
    fn command<T>(self) -> Self {
        self
    }

    /// Says nothing.
    fn returns<O>(&self) {}

    /// Never called.
    fn living<'a>(&self, _: Option<&'a A>, _: &C) -> Result<&'a A, CommandError<C::Error>>
    where
        C: Command,
    {
        unreachable!("a handler of what is no command of its aggregate does not compile")
    }

    /// Never called.
    fn unborn(&self, _: Option<&A>, _: &C) -> Result<(), CommandError<C::Error>>
    where
        C: Command,
    {
        unreachable!("a handler of what is no command of its aggregate does not compile")
    }
}

impl<A, C> NotHandled<A, C> for Handles<A, C> {}

/// What a handler of the aggregate `A` for `C` returned.
#[derive(Debug)]
pub struct Output<A, C, O>(O, PhantomData<fn() -> (A, C)>);

impl<A, C> Handles<A, C> {
    /// What the handler returned.
    pub const fn output<O>(&self, output: O) -> Output<A, C, O> {
        Output(output, PhantomData)
    }
}

impl<A: Aggregate, C: Command<Error = A::Error>, O: HandlerOutput<A, C>> Output<A, C, O> {
    /// The decision.
    pub fn decision(self) -> DecisionResult<A, C> {
        super::decision(self.0)
    }
}

/// What is no decision.
pub trait NoDecision<A: Aggregate, C: Command>: Sized {
    /// Never called.
    fn decision(self) -> DecisionResult<A, C> {
        unreachable!("a handler that returns no decision does not compile")
    }
}

impl<A: Aggregate, C: Command, O> NoDecision<A, C> for Output<A, C, O> {}

impl<C: Command> Serves<C> {
    /// Asks that `O` is the result of `C`.
    pub const fn returns<O: ServiceOutput<C>>(&self) {}
}

/// What is no command.
pub trait NotServed: Sized {
    /// Says nothing.
    fn returns<O>(&self) {}
}

impl<C> NotServed for Serves<C> {}

/// What a handler of a service for `C` returned.
#[derive(Debug)]
pub struct Served<C, O>(O, Receipt<()>, PhantomData<fn() -> C>);

impl<C> Serves<C> {
    /// What the handler returned, and the receipt of what it executed.
    pub fn output<O>(&self, (output, receipt): (O, Receipt<()>)) -> Served<C, O> {
        Served(output, receipt, PhantomData)
    }
}

impl<C: Command, O: ServiceOutput<C>> Served<C, O> {
    /// The result, in its receipt.
    pub fn executed(self) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        super::executed((self.0, self.1))
    }
}

/// What is no result.
pub trait NoResult<C: Command>: Sized {
    /// Never called.
    fn executed(self) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        unreachable!("a handler that returns no result does not compile")
    }
}

impl<C: Command, O> NoResult<C> for Served<C, O> {}

impl<Q: Query> Answers<Q> {
    /// Asks that `O` is an answer to `Q`.
    pub const fn returns<O: QueryOutput<Q>>(&self) {}
}

/// What is no query.
pub trait NotAnswered: Sized {
    /// Says nothing.
    fn returns<O>(&self) {}
}

impl<Q> NotAnswered for Answers<Q> {}

/// What a handler for `Q` returned.
#[derive(Debug)]
pub struct Answer<Q, O>(O, PhantomData<fn() -> Q>);

impl<Q> Answers<Q> {
    /// What the handler returned.
    pub const fn output<O>(&self, output: O) -> Answer<Q, O> {
        Answer(output, PhantomData)
    }
}

impl<Q: Query, O: QueryOutput<Q>> Answer<Q, O> {
    /// The answer.
    pub fn answered(self) -> Result<Q::Result, Q::Error> {
        super::answered(self.0)
    }
}

/// What is no answer.
pub trait NoAnswer<Q: Query>: Sized {
    /// Never called.
    fn answered(self) -> Result<Q::Result, Q::Error> {
        unreachable!("a handler that returns no answer does not compile")
    }
}

impl<Q: Query, O> NoAnswer<Q> for Answer<Q, O> {}

/// The rows of `M` that events of `E` concern.
#[derive(Debug)]
pub struct Concerns<M, E>(PhantomData<fn() -> (M, E)>);

impl<M: ReadModel, E: Event> Concerns<M, E> {
    /// Asks that the id of the events is the key of the rows.
    pub const fn by_id()
    where
        E::Id: RowKey<M::Key>,
    {
    }
}

impl<M: ReadModel, E: Event<Id: RowKey<M::Key>>> Concerns<M, E> {
    /// The key of the event's row.
    pub fn key(event: &E) -> Option<M::Key> {
        event.aggregate_id().row_key()
    }
}

/// Events whose id is no key, or of what is no event, and rows of what is no read model.
pub trait NotConcerned<M, E>: Sized {
    /// Says nothing.
    fn by_id() {}

    /// Never called.
    #[must_use]
    fn key(_: &E) -> Option<M::Key>
    where
        M: ReadModel,
    {
        unreachable!("a projection by an id that is no key does not compile")
    }
}

impl<M, E> NotConcerned<M, E> for Concerns<M, E> {}
