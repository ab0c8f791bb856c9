//! What a type of the user's has to be, asked in a constant: what is refused there is no type anywhere else.
//!
//! The constant is checked once, where it is written. Where that fails, so does every type that it is part of, and rustc
//! says nothing about what has no type: one mistake is one error, whatever follows from it.

use std::error::Error;

use super::{derive::Unhandled, fallback::Beside};
use crate::{aggregate::Aggregate, command::AggregateCommand, event::Event, query::QueryError, read_model::ReadModel};

/// `T`, of which `FACT` was asked.
pub type Known<T, const FACT: bool> = <Asked<FACT> as Beside<T>>::Itself;

/// What was asked.
#[derive(Debug)]
pub struct Asked<const FACT: bool>;

/// The error of a command's aggregate.
pub type ErrorOf<C> = <<C as AggregateCommand>::Aggregate as Aggregate>::Error;

/// What `aggregate = …` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "add `#[aggregate(event = …, error = …)]` to an `impl {Self}` block"
)]
pub trait IsAggregate {
    /// It is.
    const FACT: bool = true;
}

#[diagnostic::do_not_recommend]
impl<A: Aggregate> IsAggregate for A {}

/// What `event = …` names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "add `#[derive(Event)]` and `#[cqrs(aggregate = \"…\", id = …)]` to `{Self}`"
)]
pub trait IsEvent {
    /// It is.
    const FACT: bool = true;
}

#[diagnostic::do_not_recommend]
impl<E: Event> IsEvent for E {}

/// What `error = …` names: of an aggregate, or of a command without one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error",
    label = "not a `std::error::Error` that is `Send` and `Sync`",
    note = "derive it with `thiserror::Error`, or implement `std::fmt::Display` and `std::error::Error` for an enum of your \
            own; what is in it has to be `Send + Sync + 'static`"
)]
pub trait IsError {
    /// It is.
    const FACT: bool = true;
}

#[diagnostic::do_not_recommend]
impl<E: Error + Send + Sync + 'static> IsError for E {}

/// What `error = …` of a query names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a query: no `QueryError` converts into it",
    label = "not `From<QueryError>`",
    note = "add a variant `#[error(transparent)] Query(#[from] QueryError)` to it, or implement `From<QueryError>`: it is how \
            a view that cannot be read is told; what is in it has to be `Send + 'static`"
)]
pub trait IsQueryError {
    /// It is.
    const FACT: bool = true;
}

#[diagnostic::do_not_recommend]
impl<E: From<QueryError> + Send + 'static> IsQueryError for E {}

/// What `model = …` of a query names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a read model",
    label = "not a read model",
    note = "name a struct with `#[derive(ReadModel)]`, or add that to `{Self}`, and `#[cqrs(key)]` to the field that \
            identifies a row"
)]
pub trait IsReadModel {
    /// It is.
    const FACT: bool = true;
}

#[diagnostic::do_not_recommend]
impl<M: ReadModel> IsReadModel for M {}

// With one impl alone rustc would say what of it is missing, one thing after the other.
macro_rules! or_nothing {
    ($($fact:ident)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<T> $fact for T where Option<T>: Unhandled {})*
    };
}

or_nothing! { IsAggregate IsEvent IsError IsQueryError IsReadModel }
