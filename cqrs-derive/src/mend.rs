//! Items with a syntax error, as they are while they are typed: what can be read of them all the same.
//!
//! rustc goes on with such an item after it has reported the error, so what relies on the item still needs its impls.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, DeriveInput, Field, Ident, Token, Variant, Visibility,
    parse::{ParseStream, Parser as _, discouraged::Speculative as _},
    token::Brace,
};

/// An item without the fields and variants that cannot be read.
pub(crate) struct Mended {
    pub(crate) item: DeriveInput,
    /// Whether all that was wrong are missing types and commas: rustc has refused that, whatever syntax it has learnt since.
    pub(crate) is_half_typed: bool,
}

/// What can be read of an item, if its head can.
pub(crate) fn mended(item: TokenStream) -> Option<Mended> {
    let is_enum = item.clone().into_iter().any(|tree| matches!(&tree, TokenTree::Ident(word) if word == "enum"));
    let mut head: Vec<_> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = head.pop() else { return None };
    let read = |input: ParseStream<'_>| Ok(if is_enum { variants(input) } else { fields(input) });
    let (kept, is_half_typed) = read.parse2(body.stream()).ok()?;
    let mut mended = Group::new(body.delimiter(), kept);
    mended.set_span(body.span());
    let item = syn::parse2(quote!(#(#head)* #mended)).ok()?;
    Some(Mended { item, is_half_typed })
}

fn fields(input: ParseStream<'_>) -> (TokenStream, bool) {
    entries(input, Field::parse_named, |input| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Option<Ident>>()?;
        input.parse::<Option<Token![:]>>()?;
        Ok(true)
    })
}

fn variants(input: ParseStream<'_>) -> (TokenStream, bool) {
    entries(input, <Variant as syn::parse::Parse>::parse, |input| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Ident>()?;
        if !input.peek(Brace) {
            return Ok(false);
        }
        let body: Group = input.parse()?;
        (|input: ParseStream<'_>| Ok(fields(input).1)).parse2(body.stream())
    })
}

/// The entries that can be read, and whether the others are but half typed.
fn entries<T: ToTokens>(
    input: ParseStream<'_>,
    read: fn(ParseStream<'_>) -> syn::Result<T>,
    half_typed: fn(ParseStream<'_>) -> syn::Result<bool>,
) -> (TokenStream, bool) {
    let (mut kept, mut all_half_typed) = (TokenStream::new(), true);
    let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![,]);
    while !input.is_empty() {
        let ahead = input.fork();
        if let Ok(entry) = read(&ahead) {
            input.advance_to(&ahead);
            kept.extend(quote!(#entry,));
            // Where no comma follows, the next entry does.
            all_half_typed &= ends(input) || input.peek(Ident) || input.peek(Token![pub]) || input.peek(Token![#]);
        } else {
            let ahead = input.fork();
            all_half_typed &= half_typed(&ahead).unwrap_or(false) && ends(&ahead);
            while !ends(input) && input.parse::<TokenTree>().is_ok() {}
        }
        let _ = input.parse::<Option<Token![,]>>();
    }
    (kept, all_half_typed)
}
