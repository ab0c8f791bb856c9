//! What a block adds to the names that an engine or a service can be asked by, and what its handlers are asked for: here
//! nothing is taken as given.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Attribute, LitInt};

use super::call::{self, at};
use crate::{
    impl_block::ImplBlock,
    model::{block::located, handle::Handler, part::Part},
};

/// The handlers of a block.
pub(super) struct Routes<'a> {
    pub(super) block: &'a ImplBlock,
    pub(super) part: &'a Part,
    pub(super) handlers: &'a [Handler<'a>],
}

/// `impl CommandRoutes<host> for Type`, one entry a handler, each checked by `check`.
pub(super) fn commands(
    routes: &Routes<'_>,
    host: &TokenStream,
    check: impl Fn(&Handler<'_>) -> TokenStream,
) -> TokenStream {
    let handlers = routes.handlers.iter();
    let (checks, entries): (Vec<_>, Vec<_>) = handlers
        .map(|handler| {
            let (cfgs, command, check) = (handler.method.cfgs(), handler.message, check(handler));
            let cfgs: Vec<_> = cfgs.collect();
            let entry = quote!(#(#cfgs)* (&__cqrs::ByName::<#host, #command>::NEW).command_route());
            (statement(&cfgs, &check), entry)
        })
        .unzip();
    let traits = quote!(CommandByName as _, CommandByTypeOnly as _, NoCommand as _);
    let body = quote!(use __cqrs::{#traits}; #(#checks)* __cqrs::list([#(#entries),*]));
    routes.implemented(
        &quote!(CommandRoutes<#host>),
        &quote!(command_routes),
        &quote!(__cqrs::CommandRoute<#host>),
        body,
    )
}

/// `impl QueryRoutes<host> for Type`, one entry a handler; `checks` come before.
pub(super) fn queries(routes: &Routes<'_>, host: &TokenStream, checks: Option<&TokenStream>) -> TokenStream {
    let handlers = routes.handlers.iter();
    let (own, entries): (Vec<_>, Vec<_>) = handlers
        .map(|handler| {
            let (cfgs, query) = (handler.method.cfgs().collect::<Vec<_>>(), handler.message);
            let returns = call::nameable(handler).then(|| call::returns(handler));
            let check = returns.map(|returns| statement(&cfgs, &quote!(__cqrs::Answers::<#query>::NEW #returns)));
            let entry = quote!(#(#cfgs)* (&__cqrs::ByName::<#host, #query>::NEW).query_route());
            (check, entry)
        })
        .unzip();
    let traits = quote!(NoQuery as _, QueryByName as _, QueryByTypeOnly as _);
    let body = quote!(use __cqrs::{#traits}; #checks #(#own)* __cqrs::list([#(#entries),*]));
    routes.implemented(&quote!(QueryRoutes<#host>), &quote!(query_routes), &quote!(__cqrs::QueryRoute<#host>), body)
}

impl Routes<'_> {
    /// The impl of `interface`, or, in a further block, that of what the first block calls.
    fn implemented(
        &self,
        interface: &TokenStream,
        method: &TokenStream,
        route: &TokenStream,
        body: TokenStream,
    ) -> TokenStream {
        let (generics, _, bounds) = self.block.generics.split_for_impl();
        let self_ty = &self.block.self_ty;
        match self.part {
            Part::Unknown => TokenStream::new(),
            Part::Further(number, literal) => {
                let self_ty = at(self_ty.to_token_stream(), located(literal.span()));
                let number = numbered(*number, literal.span());
                let further = quote_spanned!(located(literal.span())=> __cqrs::Block<#route, #number>);
                quote! {
                    #[automatically_derived]
                    impl #generics #further for #self_ty #bounds {
                        fn routes() -> __cqrs::Vec<#route> {
                            #body
                        }
                    }
                }
            }
            Part::First(blocks, literal) => {
                let span = literal.as_ref().map_or_else(Span::call_site, |literal| located(literal.span()));
                let numbers: Vec<_> = (2..=*blocks).map(|number| numbered(number, span)).collect();
                let further = numbers
                    .iter()
                    .map(|number| quote_spanned!(span=> <Self as __cqrs::Block<#route, #number>>::routes()));
                let body = if numbers.is_empty() { body } else { quote!(__cqrs::joined([{ #body }, #(#further),*])) };
                quote! {
                    #(#[automatically_derived]
                    impl #generics __cqrs::Blocks<#route, #numbers> for #self_ty #bounds {})*
                    #[automatically_derived]
                    impl #generics __cqrs::#interface for #self_ty #bounds {
                        fn #method() -> __cqrs::Vec<#route> {
                            #body
                        }
                    }
                }
            }
        }
    }
}

/// A check that is there under the same conditions as its handler.
fn statement(cfgs: &[&Attribute], check: &TokenStream) -> TokenStream {
    if cfgs.is_empty() { quote!(#check;) } else { quote!(#(#cfgs)* { #check; }) }
}

fn numbered(number: usize, span: Span) -> LitInt {
    LitInt::new(&number.to_string(), located(span))
}
