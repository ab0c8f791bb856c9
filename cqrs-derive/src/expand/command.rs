//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::Command for CreateUser {
//!         type Result = Uuid;
//!         type Error = __cqrs::ErrorOf<Self>;
//!         const COMMAND_NAME: &'static str = "create_user";
//!     }
//!     impl __cqrs::AggregateCommand for CreateUser {
//!         type Aggregate = __cqrs::Known<User, { <User as __cqrs::IsAggregate>::FACT }>;
//!         #[inline]
//!         fn aggregate_id(&self) -> &__cqrs::IdOf<Self::Aggregate> {
//!             <Uuid as __cqrs::IsId<…>>::id(&self.id)
//!         }
//!     }
//! };
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{
    known::{known, last_name},
    routed,
};
use crate::model::command::{Command, Lack};

/// `unknown` is a type for what it lacks.
pub(crate) fn expand(command: &Command<'_>, unknown: Option<&(Lack, TokenStream)>) -> TokenStream {
    let Command { ident, name, .. } = command;
    let generics = routed::generics(command.generics, command.result.as_ref());
    let (impl_generics, type_generics, bounds) = generics.split_for_impl();
    let unknown = |of| unknown.filter(|(lack, _)| *lack == of).map(|(_, unknown)| unknown.clone());
    let result = command.result.as_ref().map(ToTokens::to_token_stream).or_else(|| unknown(Lack::Result));
    let result = result.unwrap_or_else(|| quote!(()));
    // All of it spanned on the aggregate: a type that is none is reported there, once.
    let span = command.aggregate.as_ref().map_or_else(Span::call_site, last_name);
    let aggregate = command
        .aggregate
        .as_ref()
        .map(|aggregate| known(aggregate, "IsAggregate", command.generics))
        .or_else(|| unknown(Lack::Aggregate));
    let error = match (&aggregate, &command.error) {
        (Some(_), _) => quote_spanned!(span=> __cqrs::ErrorOf<Self>),
        (None, Some(error)) => known(error, "IsError", command.generics),
        (None, None) => quote!(__cqrs::core::convert::Infallible),
    };
    let of_aggregate = aggregate.map(|aggregate| {
        let id_type = quote_spanned!(span=> __cqrs::IdOf<Self::Aggregate>);
        // Spanned on the field's type: another type than the aggregate's id is reported there.
        let id = command.id.as_ref().map_or_else(
            || quote!(loop {}),
            |(member, field)| {
                let ty = &field.ty;
                let is_id = quote_spanned!(ty.span()=> <#ty as __cqrs::IsId<#id_type>>::id);
                quote!(#is_id(&self.#member))
            },
        );
        quote_spanned! {span=>
            #[automatically_derived]
            impl #impl_generics __cqrs::AggregateCommand for #ident #type_generics #bounds {
                type Aggregate = #aggregate;
                #[inline]
                fn aggregate_id(&self) -> &#id_type {
                    #id
                }
            }
        }
    });
    command.crate_path.block(quote_spanned! {span=>
        #[automatically_derived]
        impl #impl_generics __cqrs::Command for #ident #type_generics #bounds {
            type Result = #result;
            type Error = #error;
            const COMMAND_NAME: &'static str = #name;
        }
        #of_aggregate
    })
}
