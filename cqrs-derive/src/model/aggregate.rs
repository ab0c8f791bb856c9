//! `#[aggregate]`.

use proc_macro2::TokenStream;
use syn::{Path, Type};

use super::{
    block,
    handle::{Handler, Shape},
    on::{On, Rules, Variant},
    part::{self, Further, Part},
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
        part::BLOCKS,
        part::BLOCK,
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
    /// Nothing where it is missing, and so nothing is known of the events.
    pub(crate) event: Option<Path>,
    pub(crate) error: Option<Type>,
    pub(crate) not_found: Option<Path>,
    pub(crate) already_exists: Option<Path>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) part: Part,
    /// Variants that change nothing.
    pub(crate) ignored: Vec<Variant>,
    pub(crate) handlers: Vec<Handler<'a>>,
    pub(crate) ons: Vec<On<'a>>,
    /// Whether it is known which events are covered, so that others are missing.
    pub(crate) known: bool,
}

impl<'a> Aggregate<'a> {
    pub(crate) fn parse(cx: &Ctxt, attrs: &Attrs, block: &'a ImplBlock) -> Self {
        let known = cx.is_clean();
        let name = block.type_name();
        let needed = [(symbol::EVENT, format!("event = {name}Event")), (symbol::ERROR, format!("error = {name}Error"))];
        block::require(cx, attrs, symbol::AGGREGATE, &needed);
        let generic = refuse_generics(cx, block);
        let snapshot = Snapshot::parse(cx, attrs, block);
        let mut handlers = Handler::parse_all(cx, block, Shape::Decides);
        let error = attrs.ty(symbol::ERROR).cloned();
        // That it is missing is one error, not one of all that has to return it too.
        if error.is_none() || generic {
            handlers.iter_mut().for_each(Handler::forget_output);
        }
        let event = attrs.path(symbol::EVENT).cloned();
        let rules = Rules {
            level: &ON,
            events: event.as_slice(),
            several: false,
            recorded: false,
            subject: "the aggregate",
            may_return: false,
            transaction: None,
        };
        let mut ons = On::parse_all(cx, block, &rules);
        for on in &mut ons {
            on.sound &= !generic;
        }
        let (ignored, all) = block::ignored(cx, attrs, &rules);
        let constructor = |key| attrs.path(key).filter(|_| error.is_some()).cloned();
        Self {
            block,
            crate_path: attrs.crate_path(),
            not_found: constructor(symbol::NOT_FOUND),
            already_exists: constructor(symbol::ALREADY_EXISTS),
            known: known && all && event.is_some(),
            error,
            event,
            snapshot,
            part: Part::parse(cx, attrs),
            ignored,
            handlers,
            ons,
        }
    }
}

/// What the block's attribute says.
pub(crate) fn arguments(cx: &Ctxt, arguments: TokenStream) -> Attrs {
    Attrs::of_args(cx, arguments, &ARGUMENTS)
}

/// A further block of handlers, if it says that it is one.
pub(crate) fn further<'a>(cx: &Ctxt, attrs: &Attrs, block: &'a ImplBlock) -> Option<Further<'a>> {
    let further = Further::parse(cx, attrs, block, Shape::Decides)?;
    refuse_generics(cx, block);
    Some(further)
}

fn refuse_generics(cx: &Ctxt, block: &ImplBlock) -> bool {
    block::refuse_generics(cx, block, "an aggregate", "its events are stored under one name")
}
