//! The attribute macros on impl blocks, from tokens to tokens.
//!
//! Whatever is wrong, the user's block comes out, and with it as many impls as are understood, so that other code that
//! relies on them has no errors of its own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    check::block as check,
    ctxt::Ctxt,
    expand,
    impl_block::{ImplBlock, without_helpers},
    model::{aggregate::Aggregate, projection::Projection, service::Service},
    symbol::{self, Symbol},
};

pub(crate) fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::AGGREGATE, |cx, block| {
        let mut aggregate = Aggregate::parse(cx, arguments, block)?;
        check::covered_once(cx, &aggregate.ons, &aggregate.ignored);
        check::handled_once(cx, &mut aggregate.handlers);
        check::brings_to_life(cx, block, &aggregate.ons);
        Some(expand::aggregate::expand(&aggregate, cx.is_clean()))
    })
}

pub(crate) fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::PROJECTION, |cx, block| {
        let mut projection = Projection::parse(cx, arguments, block)?;
        check::covered_once(cx, &projection.ons, &projection.ignored);
        check::handled_once(cx, &mut projection.handlers);
        Some(expand::projection::expand(&projection, cx.is_clean()))
    })
}

pub(crate) fn command_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::COMMAND_HANDLERS, |cx, block| {
        let mut service = Service::commands(cx, arguments, block);
        check::handled_once(cx, &mut service.handlers);
        Some(expand::service::commands(&service, cx.is_clean()))
    })
}

pub(crate) fn query_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::QUERY_HANDLERS, |cx, block| {
        let mut service = Service::queries(cx, arguments, block);
        check::handled_once(cx, &mut service.handlers);
        Some(expand::service::queries(&service, cx.is_clean()))
    })
}

fn macro_on_block(
    item: TokenStream,
    attribute: Symbol,
    expand: impl FnOnce(&Ctxt, &ImplBlock) -> Option<TokenStream>,
) -> TokenStream {
    let cx = Ctxt::new();
    let own: &[Symbol] = if attribute == symbol::AGGREGATE { &[symbol::CQRS] } else { &[] };
    let original = without_helpers(item.clone(), own);
    let generated = ImplBlock::parse(&cx, item, attribute).and_then(|block| expand(&cx, &block));
    let errors = cx.finish();
    quote!(#original #errors #generated)
}

/// What `#[handle]` or `#[on]` says outside of a block that knows it.
pub(crate) fn misplaced(attribute: Symbol, item: &TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let blocks = match attribute {
        symbol::ON => "`#[aggregate]` or `#[projection]`",
        _ => "`#[aggregate]`, `#[projection]`, `#[command_handlers]` or `#[query_handlers]`",
    };
    cx.error_at(
        proc_macro2::Span::call_site(),
        format!("`#[{attribute}]` means something only on a method of a block with {blocks}"),
        "put that attribute on the `impl`",
    );
    let errors = cx.finish();
    quote!(#item #errors)
}
