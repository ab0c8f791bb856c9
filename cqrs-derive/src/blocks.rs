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
    model::{
        aggregate::{self, Aggregate},
        projection::{self, Projection},
        service::Service,
        statements::{self, Statements},
    },
    symbol::{self, Symbol},
};

pub(crate) fn aggregate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::AGGREGATE, |cx, block| {
        let attrs = aggregate::arguments(cx, arguments);
        if let Some(mut further) = aggregate::further(cx, &attrs, block) {
            check::handled_once(cx, &mut further.handlers);
            return Some(expand::aggregate::further(&further));
        }
        let mut aggregate = Aggregate::parse(cx, &attrs, block);
        aggregate.known &= check::covered_once(cx, block, &aggregate.ons, &aggregate.ignored);
        aggregate.known &= check::follows_events(cx, &aggregate);
        check::handled_once(cx, &mut aggregate.handlers);
        check::brings_to_life(cx, &aggregate);
        let unknown = (aggregate.event.is_none() || aggregate.error.is_none()).then(|| cx.unknown());
        Some(expand::aggregate::expand(&aggregate, unknown.as_ref()))
    })
}

pub(crate) fn projection(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::PROJECTION, |cx, block| {
        let attrs = projection::arguments(cx, arguments);
        if attrs.given(symbol::TRANSACTION).is_some() || statements::forgets_transaction(block) {
            let mut statements = Statements::parse(cx, &attrs, block);
            statements.known &= check::covered_once(cx, block, &statements.ons, &statements.ignored);
            let unknown = statements.events.is_empty().then(|| cx.unknown());
            return Some(expand::statements::expand(&statements, unknown));
        }
        if let Some(mut further) = projection::further(cx, &attrs, block) {
            check::handled_once(cx, &mut further.handlers);
            return Some(expand::projection::further(&further));
        }
        let mut projection = Projection::parse(cx, &attrs, block);
        projection.known &= check::covered_once(cx, block, &projection.ons, &projection.ignored);
        check::handled_once(cx, &mut projection.handlers);
        check::makes_a_row(cx, &projection);
        let unknown = projection.events.is_empty().then(|| cx.unknown());
        Some(expand::projection::expand(&projection, unknown))
    })
}

pub(crate) fn command_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::COMMAND_HANDLERS, |cx, block| {
        let mut service = Service::commands(cx, arguments, block);
        check::handled_once(cx, &mut service.handlers);
        Some(expand::service::commands(&service))
    })
}

pub(crate) fn query_handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    macro_on_block(item, symbol::QUERY_HANDLERS, |cx, block| {
        let mut service = Service::queries(cx, arguments, block);
        check::handled_once(cx, &mut service.handlers);
        Some(expand::service::queries(&service))
    })
}

fn macro_on_block(
    item: TokenStream,
    attribute: Symbol,
    expand: impl FnOnce(&Ctxt, &ImplBlock) -> Option<TokenStream>,
) -> TokenStream {
    let cx = Ctxt::new();
    let original = without_helpers(item.clone(), attribute);
    let generated = ImplBlock::parse(&cx, item, attribute).and_then(|block| expand(&cx, &block));
    let errors = cx.finish();
    quote!(#original #errors #generated)
}

/// What `#[handle]` or `#[on]` says outside of a block that knows it.
pub(crate) fn misplaced(attribute: Symbol, item: &TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let blocks = match attribute {
        symbol::ON => "`#[aggregate]` or `#[projection]`",
        symbol::SETUP => "`#[projection(transaction = …)]`",
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
