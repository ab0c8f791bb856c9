//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     use __cqrs::{ProbeCommands as _, ProbeNoCommands as _, ProbeNoQueries as _, ProbeQueries as _};
//!     impl<__CqrsC: __cqrs::Command> __cqrs::RouteCommand<__CqrsC, __cqrs::Field<0>> for App
//!     where
//!         Registration: __cqrs::CommandHandler<__CqrsC>,
//!     {
//!         fn command_handler(&self) -> &impl __cqrs::CommandHandler<__CqrsC> {
//!             &self.registration
//!         }
//!     }
//!     // … the same for queries, and both for every field and for nobody
//!     impl __cqrs::Dispatcher for App {
//!         fn json_commands(&self) -> Vec<&dyn __cqrs::JsonCommands> {
//!             __cqrs::present([(&__cqrs::FieldProbe(&self.registration)).commands()])
//!         }
//!         // … and `json_queries`
//!     }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Type, parse_quote, spanned::Spanned as _};

use crate::model::dispatcher::Dispatcher;

pub(crate) fn expand(dispatcher: &Dispatcher<'_>) -> TokenStream {
    let Dispatcher { ident, fields, .. } = dispatcher;
    let generics = dispatcher.bounded_generics();
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let routed = fields.iter().enumerate().map(|(place, (member, ty))| {
        let member = quote!(&self.#member);
        routes(dispatcher, place, &member, ty)
    });
    let nobody = routes(dispatcher, fields.len(), &quote!(&__cqrs::Nobody), &parse_quote!(__cqrs::Nobody));
    let members: Vec<_> = fields.iter().map(|(member, _)| member).collect();
    let commands = quote!(__cqrs::present([#((&__cqrs::FieldProbe(&self.#members)).commands()),*]));
    let queries = quote!(__cqrs::present([#((&__cqrs::FieldProbe(&self.#members)).queries()),*]));
    dispatcher.crate_path.block(quote! {
        // A field's methods are found through whichever of two traits fits its type; the other is then unused.
        #[allow(unused_imports)]
        use __cqrs::{ProbeCommands as _, ProbeNoCommands as _, ProbeNoQueries as _, ProbeQueries as _};
        #(#routed)*
        #nobody
        #[automatically_derived]
        impl #impl_generics __cqrs::Dispatcher for #ident #type_generics #where_clause {
            fn json_commands(&self) -> __cqrs::std::vec::Vec<&dyn __cqrs::JsonCommands> {
                #commands
            }
            fn json_queries(&self) -> __cqrs::std::vec::Vec<&dyn __cqrs::JsonQueries> {
                #queries
            }
        }
    })
}

fn routes(dispatcher: &Dispatcher<'_>, place: usize, handler: &TokenStream, ty: &Type) -> TokenStream {
    let route = |message: TokenStream, route: TokenStream, handles: TokenStream, method: TokenStream| {
        let mut generics = dispatcher.generics.clone();
        generics.params.push(parse_quote!(__CqrsC: #message));
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #handles<__CqrsC>));
        let ident = dispatcher.ident;
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (_, type_generics, _) = dispatcher.generics.split_for_impl();
        quote_spanned! {ty.span()=>
            #[automatically_derived]
            impl #impl_generics #route<__CqrsC, __cqrs::Field<#place>> for #ident #type_generics #where_clause {
                // Not named, so that the handlers of a public dispatcher may be private.
                fn #method(&self) -> &impl #handles<__CqrsC> {
                    #handler
                }
            }
        }
    };
    let command = route(
        quote!(__cqrs::Command),
        quote!(__cqrs::RouteCommand),
        quote!(__cqrs::CommandHandler),
        quote!(command_handler),
    );
    let query =
        route(quote!(__cqrs::Query), quote!(__cqrs::RouteQuery), quote!(__cqrs::QueryHandler), quote!(query_handler));
    quote!(#command #query)
}
