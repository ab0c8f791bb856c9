//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::Event for UserEvent {
//!         type Id = Uuid;
//!         const AGGREGATE: &'static str = "user";
//!         const TYPES: &'static [__cqrs::EventType] = &[
//!             __cqrs::event_type("user.created", &[], "Created", 0),
//!         ];
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
//!                     From::from([__cqrs::taken("user.email", <String as __cqrs::UniqueValue>::unique_text(__cqrs_0))])
//!                 }
//!             }
//!         }
//!     }
//!     impl __cqrs::LostClaim<UserError> for UserEvent {
//!         fn lost_claim(&self, __cqrs_key: &str) -> Option<UserError> {
//!             match (self, __cqrs_key) {
//!                 (Self::Created { email: __cqrs_value, .. }, "user.email") => {
//!                     Some(UserError::EmailExists(<String as Clone>::clone(__cqrs_value)))
//!                 }
//!                 _ => None,
//!             }
//!         }
//!     }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Generics, Ident, Path, parse_quote, spanned::Spanned as _};

use crate::model::event::{Claim, Event, Id, Variant};

pub(crate) fn expand(event: &Event<'_>) -> TokenStream {
    let ident = event.ident;
    let mut generics = event.generics.clone();
    if !generics.params.is_empty() {
        let bounds = parse_quote! {
            Self: __cqrs::EventPayload + __cqrs::core::marker::Send + __cqrs::core::marker::Sync + 'static
        };
        generics.make_where_clause().predicates.push(bounds);
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let id_type = event.id_type().map_or_else(|| quote!(__cqrs::std::string::String), ToTokens::to_token_stream);
    let aggregate = event.aggregate.as_deref().unwrap_or_default();
    let types = event.variants.iter().map(event_type);
    let ids = event.variants.iter().map(|variant| id(variant, &id_type));
    let indices =
        event.variants.iter().enumerate().map(|(place, Variant { ident, .. })| quote!(Self::#ident { .. } => #place,));
    let claims = claims(event, aggregate);
    let lost_claims = lost_claims(event, aggregate, &generics);
    // An enum without variants is reported, and matched as what it is.
    let this = if event.variants.is_empty() { quote!(*self) } else { quote!(self) };
    // All of it spanned on the enum: an enum that cannot be stored is then one error, and there.
    event.crate_path.block(quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl #impl_generics __cqrs::Event for #ident #type_generics #where_clause {
            type Id = #id_type;
            const AGGREGATE: &'static str = #aggregate;
            const TYPES: &'static [__cqrs::EventType] = &[#(#types),*];
            #[inline]
            fn aggregate_id(&self) -> &Self::Id {
                match #this { #(#ids)* }
            }
            #[inline]
            fn type_index(&self) -> usize {
                match #this { #(#indices)* }
            }
            #claims
        }
        #lost_claims
    })
}

fn event_type(variant: &Variant<'_>) -> TokenStream {
    let Variant { name, aliases, index, .. } = variant;
    let ident = syn::ext::IdentExt::unraw(variant.ident).to_string();
    quote!(__cqrs::event_type(#name, &[#(#aliases),*], #ident, #index))
}

/// The id's own type instead of `Self::Id`: an enum that cannot be stored has none, and would be reported at every field.
fn id(variant: &Variant<'_>, id_type: &TokenStream) -> TokenStream {
    let ident = variant.ident;
    match &variant.id {
        // Spanned on the field's type: another type than in the other variants is reported there.
        Some(Id::Field(member, ty)) => {
            let is_id = quote_spanned!(ty.span()=> <#ty as __cqrs::IsId<#id_type>>::id);
            quote!(Self::#ident { #member: __cqrs_id, .. } => #is_id(__cqrs_id),)
        }
        Some(Id::Inner { name, ty, own }) => {
            // What the enum says of all variants is no mistake of its own where one struct lacks the field.
            let span = if *own { name.span() } else { ty.span() };
            let mut field = name.clone();
            field.set_span(span);
            let inner = Ident::new("__cqrs_inner", span);
            let value = quote_spanned!(span=> __cqrs::IsId::<#id_type>::id(&#inner.#field));
            quote!(Self::#ident { 0: #inner } => #value,)
        }
        None => quote!(Self::#ident { .. } => loop {},),
    }
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
            let text = quote_spanned!(ty.span()=> <#ty as __cqrs::UniqueValue>::unique_text);
            let text = quote!(#text(#value));
            quote!(__cqrs::taken(#key, #text))
        });
        let released = releases.iter().map(|path| {
            let key = format!("{aggregate}.{}", crate::model::event::claim_name(path));
            quote!(__cqrs::given_back(#key))
        });
        let all = set.chain(released);
        quote!(Self::#ident { #(#members: #values,)* .. } => __cqrs::core::convert::From::from([#(#all),*]),)
    });
    let others = (claiming.len() < event.variants.len()).then(|| quote!(_ => __cqrs::std::vec::Vec::new(),));
    Some(quote! {
        fn claims(&self) -> __cqrs::std::vec::Vec<__cqrs::EventClaim> {
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
                fn lost_claim(&self, _: &str) -> __cqrs::core::option::Option<__CqrsE> {
                    __cqrs::core::option::Option::None
                }
            }
        };
    }
    let impls = taken.iter().map(|(error, claims)| {
        let arms = claims.iter().map(|(variant, claim, constructor)| {
            let (ident, member, ty) = (variant.ident, &claim.member, claim.ty);
            let key = format!("{aggregate}.{}", claim.name);
            let value = Ident::new("__cqrs_value", ty.span());
            let cloned = quote_spanned!(ty.span()=> <#ty as __cqrs::core::clone::Clone>::clone(#value));
            quote! {
                (Self::#ident { #member: #value, .. }, #key) => {
                    __cqrs::core::option::Option::Some(#constructor(#cloned))
                }
            }
        });
        quote! {
            #[automatically_derived]
                impl #impl_generics __cqrs::LostClaim<#error> for #ident #type_generics #where_clause {
                fn lost_claim(&self, __cqrs_key: &str) -> __cqrs::core::option::Option<#error> {
                    match (self, __cqrs_key) {
                        #(#arms)*
                        _ => __cqrs::core::option::Option::None,
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
            let mut error = constructor.clone();
            error.segments.pop();
            error.segments.pop_punct();
            let text = error.to_token_stream().to_string();
            match by_error.iter_mut().find(|(known, _)| known.to_token_stream().to_string() == text) {
                Some((_, claims)) => claims.push((variant, claim, constructor)),
                None => by_error.push((error, vec![(variant, claim, constructor)])),
            }
        }
    }
    by_error
}
