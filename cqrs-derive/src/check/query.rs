use crate::{
    ctxt::Ctxt,
    model::{item, query::Query},
};

pub(crate) fn check(cx: &Ctxt, query: &Query<'_>) {
    let ident = query.ident;
    // A command may well have nothing to say; a question without an answer is a mistake.
    if query.result.is_none() && cx.is_clean() {
        let model = query.model.as_ref().map_or_else(|| "UserView".to_owned(), item::text);
        let help = format!("add the type of the answer to `#[cqrs(…)]`: `result = {model}` or `result = Vec<{model}>`");
        cx.error_help(ident, format!("the query `{ident}` does not say what it is answered with"), help);
    }
}
