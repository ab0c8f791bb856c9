use crate::{ctxt::Ctxt, model::dispatcher::Dispatcher};

pub(crate) fn check(cx: &Ctxt, dispatcher: &Dispatcher<'_>) {
    let ident = dispatcher.ident;
    // It would compile, and every use of it would fail.
    if dispatcher.fields.is_empty() && cx.is_clean() {
        let help = "add a field for each handler: `engine: Engine`, or a struct with a `#[command_handlers]` block";
        cx.error_help(ident, format!("`{ident}` has no field to route to"), help);
    }
}
