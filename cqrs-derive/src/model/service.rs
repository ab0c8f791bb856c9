//! `#[command_handlers]` and `#[query_handlers]`.

use proc_macro2::TokenStream;

use super::{
    handle::{Handler, Shape},
    part::{self, Part},
};
use crate::{
    attr::{Attrs, Form, Key, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    impl_block::ImplBlock,
    symbol,
};

const CRATE: Key = Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" };

static COMMANDS: Level = Level {
    attribute: symbol::COMMAND_HANDLERS,
    on: "`#[command_handlers]`",
    keys: &[part::BLOCKS, part::BLOCK, CRATE],
    paths: false,
    elsewhere: &[],
};

static QUERIES: Level = Level {
    attribute: symbol::QUERY_HANDLERS,
    on: "`#[query_handlers]`",
    keys: &[part::BLOCKS, part::BLOCK, CRATE],
    paths: false,
    elsewhere: &[],
};

/// A service's handlers: of commands, or of queries.
pub(crate) struct Service<'a> {
    pub(crate) block: &'a ImplBlock,
    pub(crate) crate_path: CratePath,
    pub(crate) part: Part,
    pub(crate) handlers: Vec<Handler<'a>>,
}

impl<'a> Service<'a> {
    pub(crate) fn commands(cx: &Ctxt, arguments: TokenStream, block: &'a ImplBlock) -> Self {
        Self::parse(cx, arguments, block, &COMMANDS, Shape::Executes)
    }

    pub(crate) fn queries(cx: &Ctxt, arguments: TokenStream, block: &'a ImplBlock) -> Self {
        Self::parse(cx, arguments, block, &QUERIES, Shape::Answers)
    }

    fn parse(cx: &Ctxt, arguments: TokenStream, block: &'a ImplBlock, level: &'static Level, shape: Shape) -> Self {
        let attrs = Attrs::of_args(cx, arguments, level);
        let ons: Vec<_> = block.methods.iter().filter_map(|method| method.attribute(symbol::ON)).collect();
        // One may be a slip. Several are an aggregate's or a projection's, and so are the handlers.
        let is_meant = ons.len() < 2;
        let parse = |cx: &Ctxt| Handler::parse_all(cx, block, shape);
        let mut handlers = if is_meant { parse(cx) } else { Ctxt::unsaid(parse) };
        if let Some(on) = ons.first() {
            let help = if is_meant {
                "remove it, or move the method to an `#[aggregate]` or `#[projection]` block".to_owned()
            } else {
                format!("write `#[aggregate(…)]` or `#[projection(…)]` on this block, not `#[{}]`", level.attribute)
            };
            cx.error_help(on, "a service does not follow events", help);
            handlers.iter_mut().for_each(Handler::forget_output);
        }
        if handlers.is_empty() && cx.is_clean() {
            let help = "mark the methods that handle something with `#[handle]`, or remove the attribute";
            cx.error_help(&block.self_ty, format!("no method of this `#[{}]` is a handler", level.attribute), help);
        }
        Self { block, crate_path: attrs.crate_path(), part: Part::parse(cx, &attrs), handlers }
    }
}
