//! What becomes of statements in a transaction.

use std::{error::Error, future::Future, sync::Arc};

use super::Uncovered;
use crate::{dispatch::BoxFuture, projection::ProjectionError, store::Cause};

/// What a method of a projection with a transaction returns.
#[diagnostic::on_unimplemented(
    message = "a projection with a transaction cannot return `{Self}`",
    label = "not a `Result<(), …>` with an error",
    note = "return `Result<(), E>`, where `E` is the driver's error, or one of your own that is `Error + Send + Sync`"
)]
pub trait Written {
    /// The error with its type forgotten, and kept to be found again.
    fn written(self) -> Result<(), Cause>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> Written for Result<(), E> {
    fn written(self) -> Result<(), Cause> {
        self.map_err(|error| Arc::from(error.into()))
    }
}

/// What a method takes to write with.
#[diagnostic::on_unimplemented(
    message = "this projection writes in a `{Self}`, the parameter is a `{T}`",
    label = "not the transaction of this projection",
    note = "write `&mut T` here, where `T` is what `transaction = …` says, or say another one there"
)]
pub trait TransactionFor<T> {
    /// The transaction, as it is.
    fn transaction(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T> TransactionFor<T> for T {
    fn transaction(self) -> T {
        self
    }
}

/// A second one, as for fields: see [`Undecided`](super::output::Undecided).
impl<T> TransactionFor<super::output::Undecided<T>> for T {
    fn transaction(self) -> super::output::Undecided<T> {
        super::output::Undecided::new()
    }
}

/// The transaction for a parameter.
pub fn transaction<T>(tx: impl TransactionFor<T>) -> T {
    tx.transaction()
}

/// What a method returned.
pub fn written(result: impl Written) -> Result<(), Cause> {
    result.written()
}

/// An event that no `#[on]` covers. The compiler has said so.
pub fn unwritten(event: &impl Uncovered) -> Result<(), Cause> {
    Err(Arc::new(ProjectionError::Uncovered(event.variant())))
}

/// A future without its type.
pub fn boxed<'a, T>(future: impl Future<Output = T> + Send + 'a) -> BoxFuture<'a, T> {
    Box::pin(future)
}
