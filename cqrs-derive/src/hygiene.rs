//! What a span says beside the place: whose a name is.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The tokens, with one `self`, wherever it is reported.
///
/// A `macro_rules!` that writes an annotated item has a hygiene of its own, and what is passed into it that of its caller.
/// Where a method is spanned on the one and its body on the other, the `self` in the body would be none of the method's.
pub(crate) fn with_one_self(tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(mut ident) => {
            if ident == "self" {
                ident.set_span(Span::call_site().located_at(ident.span()));
            }
            TokenTree::Ident(ident)
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), with_one_self(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    });
    tokens.collect()
}
