//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::Command for CreateUser {
//!         type Result = Uuid;
//!         type Error = <User as __cqrs::Aggregate>::Error;
//!         const COMMAND_NAME: &'static str = "create_user";
//!     }
//!     impl __cqrs::AggregateCommand for CreateUser {
//!         type Aggregate = User;
//!         #[inline]
//!         fn aggregate_id(&self) -> &__cqrs::IdOf<User> {
//!             <Uuid as __cqrs::IsId<__cqrs::IdOf<User>>>::id(&self.id)
//!         }
//!     }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::model::command::Command;

pub(crate) fn expand(command: &Command<'_>) -> TokenStream {
    let Command { ident, name, .. } = command;
    let result = command.result.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let error = match (&command.aggregate, &command.error) {
        (Some(aggregate), _) => quote_spanned!(aggregate.span()=> <#aggregate as __cqrs::Aggregate>::Error),
        (None, Some(error)) => quote!(#error),
        (None, None) => quote!(__cqrs::core::convert::Infallible),
    };
    let of_aggregate = command.aggregate.as_ref().map(|aggregate| {
        let id_type = quote_spanned!(aggregate.span()=> __cqrs::IdOf<#aggregate>);
        // Spanned on the field's type: another type than the aggregate's id is reported there.
        let id = command.id.as_ref().map_or_else(
            || quote!(loop {}),
            |(member, field)| {
                let ty = &field.ty;
                let is_id = quote_spanned!(ty.span()=> <#ty as __cqrs::IsId<#id_type>>::id);
                quote!(#is_id(&self.#member))
            },
        );
        // All of it spanned on the aggregate: a type that is none is then reported there.
        quote_spanned! {aggregate.span()=>
            #[automatically_derived]
            impl __cqrs::AggregateCommand for #ident {
                type Aggregate = #aggregate;
                #[inline]
                fn aggregate_id(&self) -> &#id_type {
                    #id
                }
            }
        }
    });
    command.crate_path.block(quote! {
        #[automatically_derived]
        impl __cqrs::Command for #ident {
            type Result = #result;
            type Error = #error;
            const COMMAND_NAME: &'static str = #name;
        }
        #of_aggregate
    })
}
