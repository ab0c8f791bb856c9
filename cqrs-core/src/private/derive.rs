//! What derived code asks of the user's types, so that what is missing is said at the user's own tokens.

use std::fmt::Display;

use crate::read_model::{Column, ColumnSchema};
pub use crate::{event::EventPayload, query::QueryError};

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

/// The column of a field of type `T`.
#[must_use]
pub const fn column<T: Column>(name: &'static str) -> ColumnSchema {
    ColumnSchema { name, column_type: T::TYPE, nullable: T::NULLABLE }
}
