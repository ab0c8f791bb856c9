//! What a span says beside the place: whose a name is.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The tokens, with `self` and our own variables resolved as what they are, wherever they are reported.
///
/// A `macro_rules!` that writes an annotated item has a hygiene of its own, and what is
/// passed into it that of its caller: the `self` of a method would be another than the `self` in its body.
pub(crate) fn of_one_hygiene(tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(mut ident) => {
            if ident == "self" || ident.to_string().starts_with("__cqrs_") {
                ident.set_span(Span::call_site().located_at(ident.span()));
            }
            TokenTree::Ident(ident)
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), of_one_hygiene(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    });
    tokens.collect()
}
