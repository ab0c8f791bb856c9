//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::CommandHandler<RegisterUser> for Registration where RegisterUser: __cqrs::Command {
//!         async fn handle(&self, command: RegisterUser, ctx: Context) -> __cqrs::Executed<RegisterUser> {
//!             let handler_ctx = Clone::clone(&ctx);
//!             let served = __cqrs::serve(ctx, Self::register(self, command, &handler_ctx)).await;
//!             __cqrs::Serves::<RegisterUser>::NEW.output(served).executed()
//!         }
//!     }
//!     impl __cqrs::CommandRoutes<Self> for Registration { … }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{
    call,
    routes::{self, Routes},
};
use crate::model::{block::located, handle::Handler, service::Service};

pub(crate) fn commands(service: &Service<'_>) -> TokenStream {
    let handlers = service.handlers.iter().map(|handler| command(service, handler));
    let check = |handler: &Handler<'_>| {
        let command = handler.message;
        let returns = call::nameable(handler).then(|| call::returns(handler));
        quote!(__cqrs::Serves::<#command>::NEW #returns)
    };
    let routes = routes::commands(&routes_of(service), &quote!(Self), check);
    service.crate_path.block(quote!(use __cqrs::{NoResult as _, NotServed as _}; #(#handlers)* #routes))
}

pub(crate) fn queries(service: &Service<'_>) -> TokenStream {
    let handlers = service.handlers.iter().map(|handler| query(service, handler));
    let routes = routes::queries(&routes_of(service), &quote!(Self), None);
    service.crate_path.block(quote!(use __cqrs::{NoAnswer as _, NotAnswered as _}; #(#handlers)* #routes))
}

fn routes_of<'a>(service: &'a Service<'a>) -> Routes<'a> {
    Routes { block: service.block, part: &service.part, handlers: &service.handlers }
}

fn command(service: &Service<'_>, handler: &Handler<'_>) -> TokenStream {
    let (generics, ..) = service.block.generics.split_for_impl();
    let (self_ty, command) = (&service.block.self_ty, handler.message);
    let cfgs = handler.method.cfgs();
    let message = call::message(handler, "__cqrs_command");
    let context = call::context(handler, "__cqrs_handler_ctx").map(|ctx| quote!(&#ctx));
    let clone = handler.context.map(|_| quote!(let __cqrs_handler_ctx = __cqrs::Clone::clone(&__cqrs_ctx);));
    let arguments: Vec<_> = [quote!(self), message].into_iter().chain(context).collect();
    let call = call::call(&handler.method.sig.ident, handler.output, &arguments);
    let served = call::runtime("serve", None, handler.output, &[quote!(__cqrs_ctx), call]);
    let served = call::awaited(&served, handler.output);
    let executed = if call::nameable(handler) {
        quote!(__cqrs::Serves::<#command>::NEW.output(#served).executed())
    } else {
        call::runtime("executed", Some(quote!(#command)), handler.output, &[served])
    };
    let body = call::body(handler, quote!(#clone #executed));
    let span = located(command.span());
    let bounds = call::bounded(service.block, span, &quote_spanned!(span=> #command: __cqrs::Command));
    // A future that may not go from one thread to another is reported at the method.
    let method = quote_spanned! {located(handler.method.sig.ident.span())=>
        async fn handle(&self, __cqrs_command: #command, __cqrs_ctx: __cqrs::Context) -> __cqrs::Executed<#command> {
            #body
        }
    };
    quote_spanned! {span=>
        #(#cfgs)*
        #[automatically_derived]
        impl #generics __cqrs::CommandHandler<#command> for #self_ty #bounds {
            #method
        }
    }
}

fn query(service: &Service<'_>, handler: &Handler<'_>) -> TokenStream {
    let (generics, ..) = service.block.generics.split_for_impl();
    let (self_ty, query) = (&service.block.self_ty, handler.message);
    let cfgs = handler.method.cfgs();
    let message = call::message(handler, "__cqrs_query");
    let call = call::call(&handler.method.sig.ident, handler.output, &[quote!(self), message]);
    let served = call::runtime("serve_query", None, handler.output, &[quote!(__cqrs_freshness), call]);
    let served = call::awaited(&served, handler.output);
    let body = call::body(handler, call::answered(handler, served));
    let span = located(query.span());
    let bounds = call::bounded(service.block, span, &quote_spanned!(span=> #query: __cqrs::Query));
    let method = quote_spanned! {located(handler.method.sig.ident.span())=>
        async fn handle(
            &self,
            __cqrs_query: #query,
            __cqrs_freshness: __cqrs::Consistency,
        ) -> __cqrs::Answered<#query> {
            #body
        }
    };
    quote_spanned! {span=>
        #(#cfgs)*
        #[automatically_derived]
        impl #generics __cqrs::QueryHandler<#query> for #self_ty #bounds {
            #method
        }
    }
}
