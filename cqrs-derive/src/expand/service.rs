//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::CommandHandler<RegisterUser> for Registration where RegisterUser: __cqrs::Command {
//!         async fn handle(&self, command: RegisterUser, ctx: Context) -> __cqrs::Executed<RegisterUser> {
//!             let handler_ctx = Clone::clone(&ctx);
//!             __cqrs::executed::<RegisterUser>(__cqrs::serve(ctx, Self::register(self, command, &handler_ctx)).await)
//!         }
//!     }
//!     impl __cqrs::CommandRoutes<Self> for Registration { … }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{call, routes};
use crate::model::{block::located, handle::Handler, service::Service};

pub(crate) fn commands(service: &Service<'_>, valid: bool) -> TokenStream {
    let handlers = service.handlers.iter().map(|handler| command(service, handler, valid));
    let routes = routes::commands(service.block, &quote!(Self), &service.handlers, valid);
    service.crate_path.block(quote!(#(#handlers)* #routes))
}

pub(crate) fn queries(service: &Service<'_>, valid: bool) -> TokenStream {
    let handlers = service.handlers.iter().map(|handler| query(service, handler, valid));
    let routes = routes::queries(service.block, &quote!(Self), &service.handlers, valid);
    service.crate_path.block(quote!(#(#handlers)* #routes))
}

fn command(service: &Service<'_>, handler: &Handler<'_>, valid: bool) -> TokenStream {
    let (generics, ..) = service.block.generics.split_for_impl();
    let (self_ty, command) = (&service.block.self_ty, handler.message);
    let cfgs = handler.method.cfgs();
    let message = call::message(handler, &quote!(__cqrs_command), false);
    let context = handler.context.map(|ty| call::context(ty, &quote!(&__cqrs_handler_ctx)));
    let clone =
        handler.context.map(|_| quote!(let __cqrs_handler_ctx = __cqrs::core::clone::Clone::clone(&__cqrs_ctx);));
    let arguments: Vec<_> = [quote!(self), message].into_iter().chain(context).collect();
    let call = call::call(&handler.method.sig.ident, handler.output, &arguments);
    let served = call::runtime("serve", None, handler.output, &[quote!(__cqrs_ctx), call]);
    let served = call::awaited(&served, handler.output);
    let executed = call::runtime("executed", Some(quote!(#command)), handler.output, &[served]);
    let body = call::body(valid, quote!(#clone #executed));
    let span = located(command.span());
    let bounds = call::bounded(service.block, span, &quote_spanned!(span=> #command: __cqrs::Command));
    quote_spanned! {span=>
        #(#cfgs)*
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #generics __cqrs::CommandHandler<#command> for #self_ty #bounds {
            async fn handle(&self, __cqrs_command: #command, __cqrs_ctx: __cqrs::Context) -> __cqrs::Executed<#command> {
                #body
            }
        }
    }
}

fn query(service: &Service<'_>, handler: &Handler<'_>, valid: bool) -> TokenStream {
    let (generics, ..) = service.block.generics.split_for_impl();
    let (self_ty, query) = (&service.block.self_ty, handler.message);
    let cfgs = handler.method.cfgs();
    let message = call::message(handler, &quote!(__cqrs_query), false);
    let call = call::call(&handler.method.sig.ident, handler.output, &[quote!(self), message]);
    let served = call::runtime("serve_query", None, handler.output, &[quote!(__cqrs_freshness), call]);
    let served = call::awaited(&served, handler.output);
    let body = call::body(valid, call::runtime("answered", Some(quote!(#query)), handler.output, &[served]));
    let span = located(query.span());
    let bounds = call::bounded(service.block, span, &quote_spanned!(span=> #query: __cqrs::Query));
    quote_spanned! {span=>
        #(#cfgs)*
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #generics __cqrs::QueryHandler<#query> for #self_ty #bounds {
            async fn handle(
                &self,
                __cqrs_query: #query,
                __cqrs_freshness: __cqrs::Consistency,
            ) -> __cqrs::Answered<#query> {
                #body
            }
        }
    }
}
