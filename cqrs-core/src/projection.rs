//! Projections: how events become rows.

mod transaction;

use std::any::Any;

pub use transaction::{InTransaction, TransactionProjection, handle_events};

use crate::{event::EventSet, read_model::ReadModel, store::RecordedEvent};

/// A read model that follows events.
///
/// Written by `#[projection]` on an impl block. Every event concerns at most one row, told by its key; the row is
/// loaded and saved around the handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` follows no events",
    label = "not a projection",
    note = "add `#[projection(event = …)]` to an `impl {Self}` block"
)]
pub trait Projection: ReadModel {
    /// The events it follows.
    type Event: EventSet;

    /// The row an event concerns; `None` where it concerns none.
    fn row_key(event: &Self::Event) -> Option<Self::Key>;

    /// What an event makes of its row.
    ///
    /// # Errors
    /// [`ProjectionError`] where the row that a handler needs is missing, or the one that it makes exists.
    fn project(
        row: Option<Self>,
        event: Self::Event,
        recorded: &RecordedEvent,
    ) -> Result<Option<Self>, ProjectionError>;
}

/// What a `&mut self` handler of a projection makes of its row. Returning nothing keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change {
    /// The row is saved as it is now.
    #[default]
    Keep,
    /// The row is removed.
    Delete,
}

/// What a `&mut self` handler of a projection may return.
#[diagnostic::on_unimplemented(
    message = "a projection's handler cannot return `{Self}`",
    label = "neither nothing nor `Change`",
    note = "return nothing to keep the row, or `Change::Keep` or `Change::Delete`"
)]
pub trait IntoChange {
    /// What becomes of the row.
    fn into_change(self) -> Change;
}

#[diagnostic::do_not_recommend]
impl IntoChange for () {
    fn into_change(self) -> Change {
        Change::Keep
    }
}

#[diagnostic::do_not_recommend]
impl IntoChange for Change {
    fn into_change(self) -> Change {
        self
    }
}

/// What the `key = …` of a projection's handler may be: the key, or an `Option` of it, where an event may concern no row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the key of this read model",
    label = "the key is a `{K}`",
    note = "name a field of the event that is a `{K}` or an `Option<{K}>`: `#[on(…, key = …)]`"
)]
pub trait RowKey<K> {
    /// The key, if the event concerns a row.
    fn row_key(&self) -> Option<K>;
}

impl<K: Clone> RowKey<K> for K {
    fn row_key(&self) -> Option<K> {
        Some(self.clone())
    }
}

impl<K: Clone> RowKey<K> for Option<K> {
    fn row_key(&self) -> Option<K> {
        self.clone()
    }
}

/// An event that does not fit the row it meets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// It changes a row, and there is none.
    #[error("`{0}` changes a row, but there is none; add `or_insert = …` to its `#[on]` if it may come first")]
    NoRow(&'static str),
    /// It makes a row that is there already.
    #[error("`{0}` makes a row that is there already")]
    RowExists(&'static str),
    /// No `#[on]` covers it.
    #[error("`{0}` is covered by no `#[on]`")]
    Uncovered(&'static str),
}

/// What a handler panicked with.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    text.unwrap_or("no reason given").to_owned()
}
