//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::Event for UserEvent {
//!         type Id = Uuid;
//!         const AGGREGATE: &'static str = "user";
//!         const TYPES: &'static [__cqrs::EventType] = &[
//!             __cqrs::event_type("user.created", &[], "Created", 0),
//!         ];
//!         const CODEC: __cqrs::Codec<Self> = <Self as __cqrs::EventPayload>::CODEC;
//!         #[inline]
//!         fn aggregate_id(&self) -> &Self::Id {
//!             match self {
//!                 Self::Created { id: __cqrs_id, .. } => <Uuid as __cqrs::IsId<Uuid>>::id(__cqrs_id),
//!             }
//!         }
//!         #[inline]
//!         fn type_index(&self) -> usize {
//!             match self {
//!                 Self::Created { .. } => 0,
//!             }
//!         }
//!         fn claims(&self) -> Vec<__cqrs::EventClaim> {
//!             match self {
//!                 Self::Created { email: __cqrs_0, .. } => {
//!                     __cqrs::present([__cqrs::taken("user.email", <String as __cqrs::UniqueValue<_>>::text(__cqrs_0))])
//!                 }
//!             }
//!         }
//!     }
//!     impl __cqrs::LostClaim<UserError> for UserEvent {
//!         fn lost_claim(&self, __cqrs_key: &str) -> Option<UserError> {
//!             match (self, __cqrs_key) {
//!                 (Self::Created { email: __cqrs_value, .. }, "user.email") => {
//!                     __cqrs::lost::<UserError, _, _>(
//!                         <String as __cqrs::UniqueValue<_>>::value(__cqrs_value),
//!                         __cqrs::Taken(UserError::EmailExists),
//!                     )
//!                 }
//!                 _ => None,
//!             }
//!         }
//!     }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Generics, Ident, Path, Type, parse_quote, spanned::Spanned as _};

use super::call;
use crate::model::{
    event::{Claim, Event, Id, Variant, claim_name, error_of},
    item,
};

pub(crate) fn expand(event: &Event<'_>) -> TokenStream {
    let ident = event.ident;
    let (payload, codec) = if event.is_stub {
        (None, quote!(__cqrs::no_codec()))
    } else {
        let codec = quote_spanned!(ident.span()=> <Self as __cqrs::EventPayload>::CODEC);
        (Some(quote!(__cqrs::EventPayload+)), codec)
    };
    let stored = quote!(#payload __cqrs::core::marker::Send + __cqrs::core::marker::Sync + 'static);
    let generics = item::bounded(event.generics, &stored);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let id_type = event.id_type();
    let aggregate = event.aggregate.as_deref().unwrap_or_default();
    let types = event.variants.iter().map(event_type);
    // What no field says is reported, and nothing is compared with it.
    let id = matched(event, |_, variant| id_type.map_or_else(|| no_id(variant), |id_type| id(event, variant, id_type)));
    let id_type = id_type.or(event.likely_id_type());
    let id_type = id_type.map_or_else(|| quote!(__cqrs::Uuid), ToTokens::to_token_stream);
    let index = matched(event, |place, Variant { ident, .. }| quote!(Self::#ident { .. } => #place,));
    let claims = claims(event, aggregate);
    let lost_claims = lost_claims(event, aggregate, &generics);
    // All of it spanned on the enum: an enum that cannot be stored is then one error, and there.
    event.crate_path.block(quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl #impl_generics __cqrs::Event for #ident #type_generics #where_clause {
            type Id = #id_type;
            const AGGREGATE: &'static str = #aggregate;
            const TYPES: &'static [__cqrs::EventType] = &[#(#types),*];
            const CODEC: __cqrs::Codec<Self> = #codec;
            #[inline]
            fn aggregate_id(&self) -> &Self::Id {
                #id
            }
            #[inline]
            fn type_index(&self) -> usize {
                #index
            }
            #claims
        }
        #lost_claims
    })
}

/// A `match` with an arm for each variant. What has none is reported.
fn matched<'a>(event: &Event<'a>, arm: impl Fn(usize, &Variant<'a>) -> TokenStream) -> TokenStream {
    if event.variants.is_empty() {
        return quote!(loop {});
    }
    let arms = event.variants.iter().enumerate().map(|(place, variant)| arm(place, variant));
    quote!(match self { #(#arms)* })
}

fn event_type(variant: &Variant<'_>) -> TokenStream {
    let Variant { name, aliases, index, .. } = variant;
    let ident = syn::ext::IdentExt::unraw(variant.ident).to_string();
    quote!(__cqrs::event_type(#name, &[#(#aliases),*], #ident, #index))
}

/// The id's own type instead of `Self::Id`: an enum that cannot be stored has none, and would be reported at every field.
fn id(event: &Event<'_>, variant: &Variant<'_>, id_type: &Type) -> TokenStream {
    let ident = variant.ident;
    match &variant.id {
        // Spanned on the field's type: another type than in the other variants is reported there.
        Some(Id::Field(member, ty)) => {
            let is_id = quote_spanned!(ty.span()=> <#ty as __cqrs::IsId<#id_type>>::id);
            quote!(Self::#ident { #member: __cqrs_id, .. } => #is_id(__cqrs_id),)
        }
        // What has no such field is reported.
        Some(Id::Inner { ty, .. }) if event.is_id(ty) => quote!(Self::#ident { 0: __cqrs_id } => __cqrs_id,),
        Some(Id::Inner { name, ty, own }) => {
            // What the enum says of all variants is no mistake of its own where one struct lacks the field.
            let span = if *own { name.span() } else { ty.span() };
            let mut field = name.clone();
            field.set_span(span);
            let inner = Ident::new("__cqrs_inner", span);
            let value = quote_spanned!(span=> __cqrs::IsId::<#id_type>::id(&#inner.#field));
            quote!(Self::#ident { 0: #inner } => #value,)
        }
        None => no_id(variant),
    }
}

fn no_id(variant: &Variant<'_>) -> TokenStream {
    let ident = variant.ident;
    quote!(Self::#ident { .. } => loop {},)
}

fn claims(event: &Event<'_>, aggregate: &str) -> Option<TokenStream> {
    let claiming: Vec<_> = event.variants.iter().filter(|v| !v.claims.is_empty() || !v.releases.is_empty()).collect();
    if claiming.is_empty() {
        return None;
    }
    let arms = claiming.iter().map(|Variant { ident, claims, releases, .. }| {
        let members = claims.iter().map(|claim| &claim.member);
        let values: Vec<_> = (0..claims.len()).map(|place| format_ident!("__cqrs_{place}")).collect();
        let set = claims.iter().zip(&values).map(|(Claim { name, ty, .. }, value)| {
            let key = format!("{aggregate}.{name}");
            let text = quote_spanned!(ty.span()=> <#ty as __cqrs::UniqueValue<_>>::text);
            let text = quote!(#text(#value));
            quote!(__cqrs::taken(#key, #text))
        });
        let released = releases.iter().map(|path| {
            let key = format!("{aggregate}.{}", claim_name(path));
            quote!(__cqrs::given_back(#key))
        });
        let all = set.chain(released);
        quote!(Self::#ident { #(#members: #values,)* .. } => __cqrs::present([#(#all),*]),)
    });
    let others = (claiming.len() < event.variants.len()).then(|| quote!(_ => __cqrs::Vec::new(),));
    Some(quote! {
        fn claims(&self) -> __cqrs::Vec<__cqrs::EventClaim> {
            match self {
                #(#arms)*
                #others
            }
        }
    })
}

fn lost_claims(event: &Event<'_>, aggregate: &str, generics: &Generics) -> TokenStream {
    let ident = event.ident;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let taken = taken(event);
    if taken.is_empty() {
        let mut generics = generics.clone();
        generics.params.push(parse_quote!(__CqrsE));
        let (impl_generics, ..) = generics.split_for_impl();
        return quote! {
            #[automatically_derived]
            impl #impl_generics __cqrs::LostClaim<__CqrsE> for #ident #type_generics #where_clause {
                fn lost_claim(&self, _: &str) -> __cqrs::Option<__CqrsE> {
                    __cqrs::None
                }
            }
        };
    }
    let impls = taken.iter().map(|(error, claims)| {
        let arms = claims.iter().map(|(variant, claim, constructor)| {
            let (ident, member, ty) = (variant.ident, &claim.member, claim.ty);
            let key = format!("{aggregate}.{}", claim.name);
            let value = quote_spanned!(ty.span()=> <#ty as __cqrs::UniqueValue<_>>::value);
            // Spanned on the constructor: that it makes no such error of the value is reported there.
            let made = call::runtime("Taken", None, constructor, &[constructor.to_token_stream()]);
            let generics = quote!(#error, _, _);
            let lost = call::runtime("lost", Some(generics), constructor, &[quote!(#value(__cqrs_value)), made]);
            quote!((Self::#ident { #member: __cqrs_value, .. }, #key) => #lost,)
        });
        quote! {
            #[automatically_derived]
            impl #impl_generics __cqrs::LostClaim<#error> for #ident #type_generics #where_clause {
                fn lost_claim(&self, __cqrs_key: &str) -> __cqrs::Option<#error> {
                    match (self, __cqrs_key) {
                        #(#arms)*
                        _ => __cqrs::None,
                    }
                }
            }
        }
    });
    quote!(#(#impls)*)
}

type Taken<'m, 'a> = (&'m Variant<'a>, &'m Claim<'a>, &'m Path);

/// The claims that name an error, by the type of the error: everything of the constructor's path but its last name.
fn taken<'m, 'a>(event: &'m Event<'a>) -> Vec<(Path, Vec<Taken<'m, 'a>>)> {
    let mut by_error: Vec<(Path, Vec<Taken<'m, 'a>>)> = Vec::new();
    for variant in &event.variants {
        for claim in &variant.claims {
            let Some(constructor) = &claim.taken else { continue };
            let error = error_of(constructor);
            let text = error.to_token_stream().to_string();
            match by_error.iter_mut().find(|(known, _)| known.to_token_stream().to_string() == text) {
                Some((_, claims)) => claims.push((variant, claim, constructor)),
                None => by_error.push((error, vec![(variant, claim, constructor)])),
            }
        }
    }
    by_error
}
