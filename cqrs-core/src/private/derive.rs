//! What derived code asks of the user's types, so that what is missing is said at the user's own tokens.

use std::fmt::Display;

pub use crate::query::QueryError;
use crate::{
    command::{Command, CommandError, CommandHandler, Receipt},
    context::Context,
    event::{ClaimChange, EventClaim, EventType},
    query::{Consistency, Query, QueryHandler},
    read_model::{Column, ColumnError, ColumnRef, ColumnSchema, ReadModel, Value},
};

/// A variant of an event enum.
#[must_use]
pub const fn event_type(
    name: &'static str,
    aliases: &'static [&'static str],
    variant: &'static str,
    index: u32,
) -> EventType {
    EventType { name, aliases, variant, index }
}

/// A unique value that an event takes, if there is one.
#[must_use]
pub fn taken(key: &'static str, value: Option<String>) -> Option<EventClaim> {
    value.map(|value| EventClaim { key, change: ClaimChange::Set(value) })
}

/// A unique value that an event gives back.
#[must_use]
pub const fn given_back(key: &'static str) -> Option<EventClaim> {
    Some(EventClaim { key, change: ClaimChange::Release })
}

/// What can be unique: a value that has a text, by which it is compared, or an `Option` of one.
///
/// `How` keeps the two apart. It is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a unique value",
    label = "has no `Display`",
    note = "a unique value is compared by its text: use a `String`, a number, a `Uuid`, a type that implements \
            `Display`, or an `Option` of one"
)]
pub trait UniqueValue<How> {
    /// What is unique.
    type Value;

    /// What is unique, if there is anything.
    fn value(&self) -> Option<&Self::Value>;

    /// Its text.
    fn text(&self) -> Option<String>;
}

/// What there always is.
#[derive(Debug)]
pub struct Always;

/// What there may be.
#[derive(Debug)]
pub struct Sometimes;

#[diagnostic::do_not_recommend]
impl<T: Display> UniqueValue<Always> for T {
    type Value = T;

    fn value(&self) -> Option<&T> {
        Some(self)
    }

    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Display> UniqueValue<Sometimes> for Option<T> {
    type Value = T;

    fn value(&self) -> Option<&T> {
        self.as_ref()
    }

    fn text(&self) -> Option<String> {
        self.as_ref().map(T::to_string)
    }
}

/// What `taken = …` names.
#[derive(Debug)]
pub struct Taken<M>(pub M);

/// A constructor of an error, or the error itself. `How` keeps the two apart. It is inferred.
#[diagnostic::on_unimplemented(
    message = "`taken` names nothing that makes a `{E}` of a `{T}`",
    label = "takes no `{T}`",
    note = "name a variant of `{E}` that holds a `{T}`, one that holds nothing, or a function `fn(value: {T}) -> {E}`; \
            the value is cloned for it"
)]
pub trait MakesError<E, T, How> {
    /// The error for this value.
    fn error(self, value: &T) -> E;
}

/// An error that is made of the value.
#[derive(Debug)]
pub struct Constructed;

/// An error that holds nothing.
#[derive(Debug)]
pub struct AsItIs;

#[diagnostic::do_not_recommend]
impl<F: FnOnce(T) -> E, E, T: Clone> MakesError<E, T, Constructed> for Taken<F> {
    fn error(self, value: &T) -> E {
        (self.0)(value.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<E, T> MakesError<E, T, AsItIs> for Taken<E> {
    fn error(self, _: &T) -> E {
        self.0
    }
}

// With one candidate alone rustc would say why that one does not fit.
#[diagnostic::do_not_recommend]
impl<F: Unhandled, E, T> MakesError<E, T, Nobody> for Taken<F> {
    fn error(self, _: &T) -> E {
        unreachable!("implemented for no type")
    }
}

/// The error for a unique value that somebody else has.
pub fn lost<E, T, How>(value: Option<&T>, error: impl MakesError<E, T, How>) -> Option<E> {
    value.map(|value| error.error(value))
}

/// A field that holds the id of an aggregate whose id is an `Id`.
#[diagnostic::on_unimplemented(
    message = "the id of this aggregate is a `{Id}`, not a `{Self}`",
    label = "not a `{Id}`",
    note = "an aggregate's id has one type in all its events and commands; in its events it is the type of the first \
            field that is marked as the id, or `id_type`"
)]
pub trait IsId<Id> {
    /// The id.
    fn id(&self) -> &Id;
}

#[diagnostic::do_not_recommend]
impl<T> IsId<T> for T {
    fn id(&self) -> &T {
        self
    }
}

/// An indexed field of `M`, at the `N`th place of its schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an indexed field of a read model",
    label = "no column for it",
    note = "columns hold `bool`, integers, floats, `String`, `Uuid`, `DateTime<Utc>`, `NaiveDate` and `Option`s of them; \
            for a type of your own implement `cqrs::Column`"
)]
pub trait IndexedIn<M, const N: usize>: Sized {
    /// The field, to filter and order by.
    const COLUMN: ColumnRef<M, Self>;
}

#[diagnostic::do_not_recommend]
impl<M, T: Column, const N: usize> IndexedIn<M, N> for T {
    const COLUMN: ColumnRef<M, Self> = ColumnRef::new(N);
}

// With one impl alone rustc would list what has a column.
#[diagnostic::do_not_recommend]
impl<M, T, const N: usize> IndexedIn<M, N> for T
where
    Option<T>: Unhandled,
{
    const COLUMN: ColumnRef<M, Self> = unreachable!();
}

/// The key, to filter and order by. That it has a column is asked where it is said to be the key.
#[must_use]
pub const fn key_ref<M: ReadModel>() -> ColumnRef<M, M::Key> {
    ColumnRef::new(0)
}

/// The column of the key.
#[must_use]
pub const fn key_column<M: ReadModel>(name: &'static str) -> ColumnSchema {
    ColumnSchema { name, column_type: M::Key::TYPE, nullable: M::Key::NULLABLE }
}

/// The value of the key.
pub fn key_value<M: ReadModel>(row: &M) -> Result<Value, ColumnError> {
    row.key().to_value()
}

/// The fields of a dispatcher that answer by name.
pub fn present<T, const N: usize>(fields: [Option<T>; N]) -> Vec<T> {
    fields.into_iter().flatten().collect()
}

/// A field that handles nothing. Beside it a field that does not handle a command is never the only choice, so that
/// rustc says that no field does, and not why this one cannot.
#[derive(Debug)]
pub struct Nobody;

/// What nobody handles: implemented for no type.
pub trait Unhandled {}

impl<C: Command + Unhandled> CommandHandler<C> for Nobody {
    async fn handle(&self, _: C, _: Context) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        std::future::pending().await
    }
}

impl<Q: Query + Unhandled> QueryHandler<Q> for Nobody {
    async fn handle(&self, _: Q, _: Consistency) -> Result<Q::Result, Q::Error> {
        std::future::pending().await
    }
}

/// The `N`th field of a dispatcher: tells apart the ways a command could go. Inferred at the call.
#[derive(Debug)]
pub struct Field<const N: usize>;
