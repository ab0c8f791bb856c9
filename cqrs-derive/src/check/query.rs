use syn::{Data, DeriveInput, Ident, Type};

use crate::{
    ctxt::{Ctxt, worded},
    model::{item, query::Query},
};

/// A command may well have nothing to say; a question without an answer is a mistake.
pub(crate) fn check(cx: &Ctxt, query: &Query<'_>) {
    if query.result.is_none() && cx.is_clean() {
        cx.push(missing(query.ident, query.model.as_ref()));
    }
}

/// In the place of the result, what says that it is missing, so that nothing is wrong with what a handler returns. Not where
/// the result is named twice, in the bounds of a generic query.
pub(crate) fn missing_result(cx: &Ctxt, input: &DeriveInput, model: Option<&Type>) -> Option<Type> {
    let once =
        cx.is_clean() && !cx.is_unsaid() && input.generics.params.is_empty() && matches!(input.data, Data::Struct(_));
    once.then(|| {
        cx.push(missing(&input.ident, model));
        Type::Verbatim(cx.unknown())
    })
}

fn missing(ident: &Ident, model: Option<&Type>) -> syn::Error {
    let model = model.map_or_else(|| "UserView".to_owned(), item::text);
    let problem = format!("the query `{ident}` does not say what it is answered with");
    let help = format!("add the type of the answer to `#[cqrs(…)]`: `result = {model}` or `result = Vec<{model}>`");
    syn::Error::new_spanned(ident, worded(&problem, &help))
}
