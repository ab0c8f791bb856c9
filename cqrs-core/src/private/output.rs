//! What a user's methods take and return, as bounds that say in the user's words what does not fit.

use std::marker::PhantomData;

use crate::{
    command::{Command, CommandError, Receipt},
    query::Query,
};

/// What an `#[on]` without a receiver returns.
#[diagnostic::on_unimplemented(
    message = "an `#[on]` without a receiver returns `{T}`, not `{Self}`",
    label = "not `{T}`",
    note = "write `-> Self`"
)]
pub trait Created<T> {
    /// What the event made.
    fn created(self) -> T;
}

impl<T> Created<T> for T {
    fn created(self) -> T {
        self
    }
}

/// The field of an event that a parameter of an `#[on]` takes.
#[diagnostic::on_unimplemented(
    message = "the event's field is a `{Self}`, the parameter a `{T}`",
    label = "the field is a `{Self}`",
    note = "write `{Self}` here, or `&{Self}` to borrow it"
)]
pub trait FieldFor<T> {
    /// The field.
    fn field(self) -> T;
}

impl<T> FieldFor<T> for T {
    fn field(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T> FieldFor<Undecided<T>> for T {
    fn field(self) -> Undecided<T> {
        Undecided::new()
    }
}

/// A second thing that everything converts into, which nobody asks for: with one alone the compiler would take it before
/// it looks at what is asked for, and report the mismatch in its own words.
#[derive(Debug)]
pub struct Undecided<T>(PhantomData<T>);

impl<T> Undecided<T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The field for a parameter.
pub fn field<T>(field: impl FieldFor<T>) -> T {
    field.field()
}

/// The id of an aggregate, for the constructor named by `not_found` or `already_exists`.
#[diagnostic::on_unimplemented(
    message = "the aggregate's id is a `{Self}`, but this takes a `{T}`",
    label = "takes a `{T}`",
    note = "name a variant or a function that takes the id: `NotFound({Self})`"
)]
pub trait IdFor<T> {
    /// The id.
    fn owned(&self) -> T;
}

impl<T: Clone> IdFor<T> for T {
    fn owned(&self) -> T {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> IdFor<Undecided<T>> for T {
    fn owned(&self) -> Undecided<T> {
        Undecided(PhantomData)
    }
}

/// The id for a constructor.
pub fn id_for<T>(id: &impl IdFor<T>) -> T {
    id.owned()
}

/// The key of a row, for the function named by `or_insert`, which takes or borrows it.
#[diagnostic::on_unimplemented(
    message = "the key of the row is a `{Self}`, but this takes a `{T}`",
    label = "takes a `{T}`",
    note = "name a function that takes the key, `fn(key: {Self}) -> Self`, or borrows it"
)]
pub trait KeyFor<'a, T> {
    /// The key.
    fn key(&'a self) -> T;
}

#[diagnostic::do_not_recommend]
impl<'a, K: Clone> KeyFor<'a, K> for K {
    fn key(&'a self) -> K {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, K: 'a> KeyFor<'a, &'a K> for K {
    fn key(&'a self) -> &'a K {
        self
    }
}

/// The key for a function.
pub fn key_for<'a, T>(key: &'a impl KeyFor<'a, T>) -> T {
    key.key()
}

/// What a `#[handle]` of a `#[command_handlers]` block returns: the command's result, or an error that becomes the
/// command's.
#[diagnostic::on_unimplemented(
    message = "the handler of `{C}` cannot return `{Self}`",
    label = "not the result of `{C}`",
    note = "return `Result<R, E>`: `R` is the `result = …` of `{C}` (`()` if not said), `E` its `error = …`, or what \
            converts into it"
)]
pub trait ServiceOutput<C: Command> {
    /// The result.
    fn into_result(self) -> Result<C::Result, C::Error>;
}

#[diagnostic::do_not_recommend]
impl<R, C: Command<Result = R>, X: Into<C::Error>> ServiceOutput<C> for Result<R, X> {
    fn into_result(self) -> Result<C::Result, C::Error> {
        self.map_err(Into::into)
    }
}

/// What a service handler came to.
pub fn executed<C: Command>(
    (output, receipt): (impl ServiceOutput<C>, Receipt<()>),
) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
    match output.into_result() {
        Ok(result) => Ok(receipt.map(|()| result)),
        Err(error) => Err(CommandError::Rejected(error)),
    }
}

/// What a `#[handle]` for a query returns: the query's result, or an error that becomes the query's.
#[diagnostic::on_unimplemented(
    message = "the handler of `{Q}` cannot return `{Self}`",
    label = "not the result of `{Q}`",
    note = "return `Result<R, E>`: `R` is the `result = …` of `{Q}`, `E` its `error = …` (`QueryError` if not said), or \
            what converts into it"
)]
pub trait QueryOutput<Q: Query> {
    /// The answer.
    fn into_answer(self) -> Result<Q::Result, Q::Error>;
}

#[diagnostic::do_not_recommend]
impl<R, Q: Query<Result = R>, X: Into<Q::Error>> QueryOutput<Q> for Result<R, X> {
    fn into_answer(self) -> Result<Q::Result, Q::Error> {
        self.map_err(Into::into)
    }
}

/// What a query came to.
pub fn answered<Q: Query>(output: impl QueryOutput<Q>) -> Result<Q::Result, Q::Error> {
    output.into_answer()
}
