//! `#[on]` as the arm of a match.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Attribute, Generics, Ident, Index, Path, spanned::Spanned as _};

use super::{call::at, known::known};
use crate::{
    impl_block::Method,
    model::{
        block::located,
        on::{On, Parameter, Variant, last_name},
    },
    symbol::Symbol,
};

/// The methods that are called, each with every event that it is called for.
pub(super) fn called<'a>(ons: &'a [On<'a>]) -> impl Iterator<Item = (&'a On<'a>, &'a Variant)> {
    ons.iter().filter(|on| on.sound).flat_map(|on| on.variants.iter().map(move |variant| (on, variant)))
}

/// The events for which nothing is called, each with the conditions under which that is so: those that are ignored, and
/// those whose method is not sound.
pub(super) fn passed_over<'a>(
    ons: &'a [On<'a>],
    ignored: &'a [Variant],
) -> impl Iterator<Item = (Vec<&'a Attribute>, &'a Variant)> {
    let unsound = ons.iter().filter(|on| !on.sound);
    let unsound = unsound.flat_map(|on| on.variants.iter().map(|variant| (on.method.cfgs().collect(), variant)));
    ignored.iter().map(|variant| (Vec::new(), variant)).chain(unsound)
}

/// `UserEvent::Created { .. }`; with parentheses where its fields are named by their place, so that rustc sees whether they
/// have none of their own.
pub(super) fn any(event: &Path, variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    match variant.positions {
        Some(_) => {
            let span = located(ident.span());
            let event = at(event.to_token_stream(), span);
            quote_spanned!(span=> #event::#ident(..))
        }
        None => quote!(#event::#ident { .. }),
    }
}

/// `UserEvent::Created { email: __cqrs_0, .. }`, with the fields that the method takes.
pub(super) fn pattern(event: &Path, variant: &Variant, on: &On<'_>) -> TokenStream {
    let ident = &variant.ident;
    let fields = on.parameters.iter().enumerate().filter(|(_, parameter)| !parameter.recorded);
    let fields = fields.map(|(place, parameter)| {
        let (member, binding, cfgs) = (member(variant, parameter.name), binding(place, parameter), &parameter.cfgs);
        quote!(#(#cfgs)* #member: #binding)
    });
    let fields: Vec<_> = fields.collect();
    if fields.is_empty() { any(event, variant) } else { quote!(#event::#ident { #(#fields,)* .. }) }
}

/// `A`, or `Either<A, Either<B, C>>`, each asked to be an event.
pub(super) fn joined(events: &[Path], generics: &Generics) -> TokenStream {
    let mut backwards = events.iter().rev().map(|event| known(event, "IsEvent", generics));
    let last = backwards.next().unwrap_or_default();
    backwards.fold(last, |rest, event| quote!(__cqrs::Either<#event, #rest>))
}

/// A pattern for an event of the enum at `place`, as one for an event of all enums.
pub(super) fn nested(events: &[Path], place: usize, pattern: &TokenStream) -> TokenStream {
    let left = if place + 1 < events.len() { quote!(__cqrs::Either::Left(#pattern)) } else { pattern.clone() };
    (0..place).fold(left, |inner, _| quote!(__cqrs::Either::Right(#inner)))
}

/// The field's name; in a tuple variant, its place.
pub(super) fn member(variant: &Variant, name: &Ident) -> TokenStream {
    let Some(place) = variant.positions.iter().flatten().position(|position| position == name) else {
        return quote!(#name);
    };
    let index = Index { index: u32::try_from(place).unwrap_or(u32::MAX), span: located(name.span()) };
    quote!(#index)
}

/// What the method is called with.
pub(super) fn arguments(on: &On<'_>) -> impl Iterator<Item = TokenStream> {
    on.parameters.iter().enumerate().map(|(place, parameter)| {
        let span = located(parameter.ty.span());
        let (binding, cfgs) = (binding(place, parameter), &parameter.cfgs);
        let argument = match (parameter.recorded, parameter.by_reference) {
            (true, _) => quote_spanned!(span=> __cqrs_recorded),
            (false, true) => quote_spanned!(span=> &#binding),
            (false, false) => quote_spanned!(span=> __cqrs::field(#binding)),
        };
        quote!(#(#cfgs)* #argument)
    })
}

/// The variable that holds the field for the parameter at `place`.
fn binding(place: usize, parameter: &Parameter<'_>) -> Ident {
    format_ident!("__cqrs_{place}", span = located(parameter.ty.span()))
}

/// The assertion that every variant of the enum at `place` is covered, reported at its path.
pub(super) fn covered(
    attribute: Symbol,
    events: &[Path],
    place: usize,
    ons: &[On<'_>],
    ignored: &[Variant],
) -> TokenStream {
    let event = &events[place];
    let covered = ons.iter().flat_map(|on| on.variants.iter().map(move |variant| (variant, Some(on.method))));
    let names = covered.chain(ignored.iter().map(|variant| (variant, None)));
    let names = names.filter(|(variant, _)| variant.event == place).map(|(variant, method)| {
        let (name, cfgs) = (variant.name(), method.into_iter().flat_map(Method::cfgs));
        quote!(#(#cfgs)* #name)
    });
    let (attribute, name, some) = (attribute.0, last_name(event), !ignored.is_empty());
    let span = located(event.span());
    let assert = if events.len() > 1 { "assert_covered_of_several" } else { "assert_covered" };
    let assert = Ident::new(assert, span);
    quote_spanned! {span=>
        // Of hundreds of events in an order of their own, rustc would say that it takes long.
        #[allow(long_running_const_eval)]
        const _: () = __cqrs::#assert(__cqrs::TypesOf::<#event>::TYPES, &[#(#names),*], (#name, #attribute, #some));
    }
}
