//! `#[on]` as the arm of a match.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Index, Path, ext::IdentExt as _, spanned::Spanned as _};

use crate::model::{
    block::located,
    on::{On, Parameter, Variant},
};

/// `UserEvent::Created { .. }`
pub(super) fn any(event: &Path, variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    quote!(#event::#ident { .. })
}

/// `UserEvent::Created { email: __cqrs_email, .. }`, with the fields that the method takes.
pub(super) fn pattern(event: &Path, variant: &Variant, on: &On<'_>) -> TokenStream {
    let ident = &variant.ident;
    let fields = on.parameters.iter().filter(|parameter| !parameter.recorded).map(|parameter| {
        let (member, binding) = (member(variant, parameter.name), binding(parameter));
        quote!(#member: #binding)
    });
    quote!(#event::#ident { #(#fields,)* .. })
}

/// The field's name; in a tuple variant, its place.
pub(super) fn member(variant: &Variant, name: &Ident) -> TokenStream {
    match variant.positions.iter().flatten().position(|position| position == name) {
        Some(place) => {
            let index = Index { index: u32::try_from(place).unwrap_or(u32::MAX), span: located(name.span()) };
            quote!(#index)
        }
        None => quote!(#name),
    }
}

/// What the method is called with.
pub(super) fn arguments(on: &On<'_>) -> impl Iterator<Item = TokenStream> {
    on.parameters.iter().map(|parameter| {
        let span = located(parameter.ty.span());
        let binding = binding(parameter);
        match (parameter.recorded, parameter.by_reference) {
            (true, _) => quote_spanned!(span=> __cqrs_recorded),
            (false, true) => quote_spanned!(span=> &#binding),
            (false, false) => quote_spanned!(span=> __cqrs::field(#binding)),
        }
    })
}

fn binding(parameter: &Parameter<'_>) -> Ident {
    format_ident!("__cqrs_field_{}", parameter.name.unraw(), span = located(parameter.ty.span()))
}

/// The assertion that every variant of `event` is covered, reported at its path.
pub(super) fn covered<'a>(attribute: &str, event: &Path, variants: impl Iterator<Item = &'a Variant>) -> TokenStream {
    let names = variants.map(Variant::name);
    let name = crate::model::on::last_name(event);
    let span = located(event.span());
    quote_spanned! {span=>
        const _: () = {
            use __cqrs::NoTypes as _;
            __cqrs::assert_covered(__cqrs::TypesOf::<#event>::TYPES, #name, #attribute, &[#(#names),*]);
        };
    }
}
