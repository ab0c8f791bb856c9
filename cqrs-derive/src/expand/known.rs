//! Types of the user's that are asked for what they have to be, so that what is none is one error.
//!
//! ```text
//! __cqrs::Known<UserError, { <UserError as __cqrs::IsError>::FACT }>
//! ```
//! is `UserError`. The constant is checked once, where it is written; what is refused there is no type anywhere else, and
//! rustc says nothing about what has none.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Generics, Ident, Type, spanned::Spanned as _};

use crate::model::block::located;

/// `ty`, of which `fact` is asked. Not where it depends on what it stands in, which a constant cannot.
pub(super) fn known(ty: &impl ToTokens, fact: &str, generics: &Generics) -> TokenStream {
    if depends_on(generics, ty.to_token_stream()) {
        return quote!(#ty);
    }
    let span = located(ty.span());
    let fact = Ident::new(fact, span);
    quote_spanned!(span=> __cqrs::Known<#ty, { <#ty as __cqrs::#fact>::FACT }>)
}

/// Where a type is named: `Order` in `orders::Order`.
pub(super) fn last_name(ty: &Type) -> Span {
    match ty {
        Type::Path(path) => path.path.segments.last().map_or_else(|| ty.span(), |last| last.ident.span()),
        _ => ty.span(),
    }
}

fn depends_on(generics: &Generics, ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(name) => {
            let is_param = |param: &GenericParam| match param {
                GenericParam::Type(param) => param.ident == name,
                GenericParam::Const(param) => param.ident == name,
                GenericParam::Lifetime(_) => false,
            };
            name == "Self" || generics.params.iter().any(is_param)
        }
        TokenTree::Group(group) => depends_on(generics, group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
