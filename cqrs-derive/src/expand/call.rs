//! Calls of the user's methods, spanned so that what does not fit is reported at the user's types.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned as _};

use crate::model::{block::located, handle::Handler};

/// `Self::name(arguments)`, reported from the first token of `at` to its last.
pub(super) fn call(name: &Ident, at: impl ToTokens, arguments: &[TokenStream]) -> TokenStream {
    let (first, last) = ends(at);
    let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#arguments),*));
    group.set_span(last);
    let group = TokenTree::from(group);
    quote_spanned!(first=> Self::#name #group)
}

fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let tokens = tokens.into_token_stream();
    let first = located(tokens.span());
    let last = tokens.into_iter().last().map_or(first, |last| match last {
        TokenTree::Group(group) => located(group.span_close()),
        other => located(other.span()),
    });
    (first, last)
}

/// The argument for the handler's command or query, which `value` owns or, if `borrowed`, refers to.
pub(super) fn message(handler: &Handler<'_>, value: &TokenStream, borrowed: bool) -> TokenStream {
    let message = handler.message;
    let span = located(message.span());
    match (borrowed, handler.by_reference) {
        (true, true) | (false, false) => quote_spanned!(span=> #value),
        (false, true) => quote_spanned!(span=> &#value),
        (true, false) => quote_spanned!(span=> <#message as __cqrs::core::clone::Clone>::clone(#value)),
    }
}

/// The argument for the handler's context, if it takes one.
pub(super) fn context(ty: &Type, value: &TokenStream) -> TokenStream {
    let span = located(ty.span());
    quote_spanned!(span=> #value)
}

/// A body, or one that only has to have a type: what is wrong has been said, and is not to be said again.
pub(super) fn body(valid: bool, body: TokenStream) -> TokenStream {
    if valid { body } else { quote!(loop {}) }
}
