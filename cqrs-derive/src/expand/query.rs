//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::Query for GetUserById {
//!         type Result = UserView;
//!         type Error = __cqrs::Known<UserQueryError, { <UserQueryError as __cqrs::IsQueryError>::FACT }>;
//!         const QUERY_NAME: &'static str = "get_user_by_id";
//!     }
//!     impl __cqrs::ViewQuery for GetUserById {
//!         type Model = __cqrs::Known<UserView, { <UserView as __cqrs::IsReadModel>::FACT }>;
//!     }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{known::known, routed};
use crate::model::query::Query;

pub(crate) fn expand(query: &Query<'_>) -> TokenStream {
    let Query { ident, name, .. } = query;
    let generics = routed::generics(query.generics, query.result.as_ref());
    let (impl_generics, type_generics, bounds) = generics.split_for_impl();
    let result = query.result.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let known = |ty, fact| known(ty, fact, query.generics);
    let error = query.error.as_ref().map_or_else(|| quote!(__cqrs::QueryError), |error| known(error, "IsQueryError"));
    let of_model = query.model.as_ref().map(|model| {
        let model = known(model, "IsReadModel");
        quote! {
            #[automatically_derived]
            impl #impl_generics __cqrs::ViewQuery for #ident #type_generics #bounds {
                type Model = #model;
            }
        }
    });
    query.crate_path.block(quote! {
        #[automatically_derived]
        impl #impl_generics __cqrs::Query for #ident #type_generics #bounds {
            type Result = #result;
            type Error = #error;
            const QUERY_NAME: &'static str = #name;
        }
        #of_model
    })
}
