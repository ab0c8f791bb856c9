//! Calls of the user's methods, spanned so that what does not fit is reported at the user's types.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, spanned::Spanned as _};

use crate::{
    impl_block::ImplBlock,
    model::{block::located, handle::Handler},
};

/// The tokens, reported at another place.
pub(super) fn at(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(span.resolved_at(token.span()));
        token
    });
    tokens.collect()
}

/// `Self::name(arguments)`, reported from the first token of `at` to its last.
pub(super) fn call(name: &Ident, at: impl ToTokens, arguments: &[TokenStream]) -> TokenStream {
    let (first, last) = ends(at);
    let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#arguments),*));
    group.set_span(last);
    let group = TokenTree::from(group);
    quote_spanned!(first=> Self::#name #group)
}

/// `function<generics>(arguments)`, one of the runtime's, reported from the first token of `at` to its last.
pub(super) fn runtime(
    function: &str,
    generics: Option<TokenStream>,
    at: impl ToTokens,
    arguments: &[TokenStream],
) -> TokenStream {
    let (first, last) = ends(at);
    let function = Ident::new(function, first);
    let generics = generics.map(|generics| quote_spanned!(first=> ::<#generics>));
    let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#arguments),*));
    group.set_span(last);
    let group = TokenTree::from(group);
    quote_spanned!(first=> __cqrs::#function #generics #group)
}

/// `future.await`, reported as far as the last token of `at`.
pub(super) fn awaited(future: &TokenStream, at: impl ToTokens) -> TokenStream {
    let (_, last) = ends(at);
    let wait = quote_spanned!(last=> .await);
    quote!(#future #wait)
}

/// The block's own bounds, and one more: what it asks for is reported here, and taken as given inside of the impl, so
/// that it is reported once.
pub(super) fn bounded(block: &ImplBlock, at: Span, bound: &TokenStream) -> TokenStream {
    let own = block.generics.where_clause.iter().flat_map(|bounds| &bounds.predicates);
    quote_spanned!(at=> where #(#own,)* #bound)
}

/// Where the first token is, and the last.
pub(super) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let tokens = tokens.into_token_stream();
    let first = located(tokens.span());
    let last = tokens.into_iter().last().map_or(first, |last| match last {
        TokenTree::Group(group) => located(group.span_close()),
        other => located(other.span()),
    });
    (first, last)
}

/// The argument for the handler's command or query, which the variable `value` owns.
pub(super) fn message(handler: &Handler<'_>, value: &str) -> TokenStream {
    let span = located(handler.message.span());
    let value = Ident::new(value, span);
    if handler.by_reference { quote_spanned!(span=> &#value) } else { quote!(#value) }
}

/// The argument for the handler's context, the variable `value`, if it takes one.
pub(super) fn context(handler: &Handler<'_>, value: &str) -> Option<Ident> {
    handler.context.map(|ty| Ident::new(value, ends(ty).1))
}

/// What calls the handler, or a body that only has to have a type: what is wrong has been said, and is not to be said again.
pub(super) fn body(handler: &Handler<'_>, body: TokenStream) -> TokenStream {
    if handler.sound { body } else { quote!(loop {}) }
}

/// The answer of a handler for a query.
pub(super) fn answered(handler: &Handler<'_>, answer: TokenStream) -> TokenStream {
    let query = handler.message;
    if !nameable(handler) {
        return runtime("answered", Some(quote!(#query)), handler.output, &[answer]);
    }
    quote!(__cqrs::Answers::<#query>::NEW.output(#answer).answered())
}

/// Whether the handler's output can be asked about, and named outside of its signature.
pub(super) fn nameable(handler: &Handler<'_>) -> bool {
    fn named(tokens: TokenStream) -> bool {
        let mut quoted = false;
        tokens.into_iter().all(|token| {
            let is_lifetime = std::mem::take(&mut quoted);
            match token {
                TokenTree::Group(group) => named(group.stream()),
                TokenTree::Ident(ident) if is_lifetime => ident == "static" || ident == "_",
                TokenTree::Ident(ident) => ident != "impl",
                TokenTree::Punct(punct) => {
                    quoted = punct.as_char() == '\'';
                    true
                }
                TokenTree::Literal(_) => true,
            }
        })
    }
    handler.output.is_some_and(|output| named(output.to_token_stream()))
}

/// `.returns::<Output>()`, reported at the handler's output.
pub(super) fn returns(handler: &Handler<'_>) -> TokenStream {
    let output = handler.output;
    let (first, last) = ends(output);
    let returns = quote_spanned!(first=> .returns::<#output>);
    let group = quote_spanned!(last=> ());
    quote!(#returns #group)
}
