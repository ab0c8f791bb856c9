//! `#[aggregate]`.

use proc_macro2::TokenStream;
use syn::{Path, Type};

use super::{
    block,
    handle::{Handler, Shape},
    on::{On, Rules, Variant},
    snapshot::{self, Snapshot},
};
use crate::{
    attr::{Attrs, Form, Key, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    impl_block::ImplBlock,
    symbol,
};

pub(super) static ARGUMENTS: Level = Level {
    attribute: symbol::AGGREGATE,
    on: "`#[aggregate]`",
    keys: &[
        Key { symbol: symbol::EVENT, form: Form::Path, example: "event = UserEvent" },
        Key { symbol: symbol::ERROR, form: Form::Type, example: "error = UserError" },
        Key { symbol: symbol::NOT_FOUND, form: Form::Path, example: "not_found = UserError::NotFound" },
        Key { symbol: symbol::ALREADY_EXISTS, form: Form::Path, example: "already_exists = UserError::Exists" },
        Key { symbol: symbol::IGNORE, form: Form::Paths, example: "ignore(Viewed)" },
        snapshot::KEY,
        Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" },
    ],
    paths: false,
    elsewhere: &[],
};

static ON: Level = Level {
    attribute: symbol::ON,
    on: "the `#[on]` of an aggregate",
    keys: &[],
    paths: true,
    elsewhere: &[&super::projection::ON],
};

pub(crate) struct Aggregate<'a> {
    pub(crate) block: &'a ImplBlock,
    pub(crate) crate_path: CratePath,
    pub(crate) event: Path,
    pub(crate) error: Type,
    pub(crate) not_found: Option<Path>,
    pub(crate) already_exists: Option<Path>,
    pub(crate) snapshot: Option<Snapshot>,
    /// Variants that change nothing.
    pub(crate) ignored: Vec<Variant>,
    pub(crate) handlers: Vec<Handler<'a>>,
    pub(crate) ons: Vec<On<'a>>,
}

impl<'a> Aggregate<'a> {
    pub(crate) fn parse(cx: &Ctxt, arguments: TokenStream, block: &'a ImplBlock) -> Option<Self> {
        let attrs = Attrs::of_args(cx, arguments, &ARGUMENTS);
        let name = block.type_name();
        let needed = [(symbol::EVENT, format!("event = {name}Event")), (symbol::ERROR, format!("error = {name}Error"))];
        block::require(cx, &attrs, symbol::AGGREGATE, &needed);
        block::refuse_generics(cx, block, "an aggregate", "its events are stored under one name");
        let snapshot = Snapshot::parse(cx, &attrs, block);
        let handlers = Handler::parse_all(cx, block, Shape::Decides);
        let event = attrs.path(symbol::EVENT).cloned();
        let rules = Rules {
            level: &ON,
            events: event.as_slice(),
            recorded: false,
            subject: "the aggregate",
            may_return: false,
            transaction: None,
        };
        let ons = On::parse_all(cx, block, &rules);
        let ignored = block::ignored(cx, &attrs, &rules);
        Some(Self {
            block,
            crate_path: attrs.crate_path(),
            error: attrs.ty(symbol::ERROR)?.clone(),
            not_found: attrs.path(symbol::NOT_FOUND).cloned(),
            already_exists: attrs.path(symbol::ALREADY_EXISTS).cloned(),
            event: event?,
            snapshot,
            ignored,
            handlers,
            ons,
        })
    }
}
