//! What derived code asks of the user's types, so that what is missing is said at the user's own tokens.

use std::fmt::Display;

use crate::{
    command::{Command, CommandError, CommandHandler, Receipt},
    context::Context,
    event::{ClaimChange, EventClaim, EventType},
    query::{Consistency, Query, QueryHandler},
    read_model::{Column as _, ColumnError, ColumnSchema, ReadModel, Value},
};
pub use crate::{event::EventPayload, query::QueryError};

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

/// A unique value that an event takes.
#[must_use]
pub fn taken(key: &'static str, value: String) -> EventClaim {
    EventClaim { key, change: ClaimChange::Set(value) }
}

/// A unique value that an event gives back.
#[must_use]
pub const fn given_back(key: &'static str) -> EventClaim {
    EventClaim { key, change: ClaimChange::Release }
}

/// What can be unique: a value that has a text, by which it is compared.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a unique value",
    label = "has no `Display`",
    note = "a unique value is compared by its text: use a `String`, a number, a `Uuid`, or a type that implements \
            `Display`"
)]
pub trait UniqueValue {
    /// The text.
    fn unique_text(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> UniqueValue for T {
    fn unique_text(&self) -> String {
        self.to_string()
    }
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
