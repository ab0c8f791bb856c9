//! What the handlers of services and read models return.

use std::future::Future;

use crate::{
    command::{Command, CommandError, Receipt},
    context::Context,
    dispatch::serve,
    projection::Projection,
};

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
impl<C: Command, X: Into<C::Error>> ServiceOutput<C> for Result<C::Result, X> {
    fn into_result(self) -> Result<C::Result, C::Error> {
        self.map_err(Into::into)
    }
}

/// Runs a service handler; its receipt covers every command that it executed.
pub async fn serve_command<C: Command, T: ServiceOutput<C>>(
    ctx: Context,
    handler: impl Future<Output = T>,
) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
    serve::<C, C::Error>(ctx, async { handler.await.into_result() }).await
}

/// The key of the row that an event may have to make; asked for before the event is taken apart, and only where there
/// is no row.
pub fn key_to_insert<P: Projection>(row: Option<&P>, event: &P::Event) -> Option<P::Key> {
    if row.is_some() { None } else { P::row_key(event) }
}
