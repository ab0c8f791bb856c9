//! What a block adds to the names that an engine or a service can be asked by.

use proc_macro2::TokenStream;
use quote::quote;

use super::call;
use crate::{impl_block::ImplBlock, model::handle::Handler};

/// `impl CommandRoutes<host> for Type`, one entry a handler.
pub(super) fn commands(block: &ImplBlock, host: &TokenStream, handlers: &[Handler<'_>], valid: bool) -> TokenStream {
    let (generics, self_ty, bounds) = split(block);
    let entries = handlers.iter().map(|handler| {
        let (cfgs, command) = (handler.method.cfgs(), handler.message);
        quote!(#(#cfgs)* (&__cqrs::ByName::<#host, #command>::NEW).command_route())
    });
    let body = call::body(
        valid,
        quote! {
            use __cqrs::{CommandByName as _, CommandByTypeOnly as _, NoCommand as _};
            __cqrs::list([#(#entries),*])
        },
    );
    quote! {
        #[automatically_derived]
        impl #generics __cqrs::CommandRoutes<#host> for #self_ty #bounds {
            fn command_routes() -> __cqrs::Vec<__cqrs::CommandRoute<#host>> {
                #body
            }
        }
    }
}

/// `impl QueryRoutes<host> for Type`, one entry a handler.
pub(super) fn queries(block: &ImplBlock, host: &TokenStream, handlers: &[Handler<'_>], valid: bool) -> TokenStream {
    let (generics, self_ty, bounds) = split(block);
    let entries = handlers.iter().map(|handler| {
        let (cfgs, query) = (handler.method.cfgs(), handler.message);
        quote!(#(#cfgs)* (&__cqrs::ByName::<#host, #query>::NEW).query_route())
    });
    let body = call::body(
        valid,
        quote! {
            use __cqrs::{NoQuery as _, QueryByName as _, QueryByTypeOnly as _};
            __cqrs::list([#(#entries),*])
        },
    );
    quote! {
        #[automatically_derived]
        impl #generics __cqrs::QueryRoutes<#host> for #self_ty #bounds {
            fn query_routes() -> __cqrs::Vec<__cqrs::QueryRoute<#host>> {
                #body
            }
        }
    }
}

fn split(block: &ImplBlock) -> (syn::ImplGenerics<'_>, &syn::Type, Option<&syn::WhereClause>) {
    let (generics, _, bounds) = block.generics.split_for_impl();
    (generics, &block.self_ty, bounds)
}
