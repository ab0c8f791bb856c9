//! `#[projection]`.

use proc_macro2::TokenStream;
use syn::Path;

use super::{
    block,
    handle::{Handler, Shape},
    on::{On, Rules, Variant, last_name},
    part::{self, Further, Part},
};
use crate::{
    attr::{Attrs, Form, Key, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    impl_block::ImplBlock,
    symbol,
};

static ARGUMENTS: Level = Level {
    attribute: symbol::PROJECTION,
    on: "`#[projection]`",
    keys: &[
        Key { symbol: symbol::EVENT, form: Form::Path, example: "event = UserEvent" },
        Key { symbol: symbol::EVENTS, form: Form::Paths, example: "events(UserEvent, OrderEvent)" },
        Key { symbol: symbol::NAME, form: Form::Text, example: "name = \"signups\"" },
        Key { symbol: symbol::TRANSACTION, form: Form::Type, example: "transaction = PgTransaction" },
        Key { symbol: symbol::IGNORE, form: Form::Paths, example: "ignore(Viewed)" },
        part::BLOCKS,
        part::BLOCK,
        Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" },
    ],
    paths: false,
    elsewhere: &[&ON],
};

pub(super) static ON: Level = Level {
    attribute: symbol::ON,
    on: "the `#[on]` of a projection",
    keys: &[
        Key { symbol: symbol::KEY, form: Form::Name, example: "key = user_id" },
        Key { symbol: symbol::OR_INSERT, form: Form::Path, example: "or_insert = Self::empty" },
    ],
    paths: true,
    elsewhere: &[&ARGUMENTS],
};

pub(crate) struct Projection<'a> {
    pub(crate) block: &'a ImplBlock,
    pub(crate) crate_path: CratePath,
    pub(crate) part: Part,
    /// The event enums; none where they are missing, and so nothing is known of the events.
    pub(crate) events: Vec<Path>,
    /// Variants that concern no row.
    pub(crate) ignored: Vec<Variant>,
    pub(crate) handlers: Vec<Handler<'a>>,
    pub(crate) ons: Vec<On<'a>>,
    /// Whether it is known which events are covered, so that others are missing.
    pub(crate) known: bool,
}

impl<'a> Projection<'a> {
    pub(crate) fn parse(cx: &Ctxt, attrs: &Attrs, block: &'a ImplBlock) -> Self {
        let events = events(cx, attrs, &block.type_name());
        let known = cx.is_clean();
        refuse_keys_of_statements(cx, attrs, block);
        block::refuse_generics(cx, block, "a projection", "its rows are one table");
        let handlers = Handler::parse_all(cx, block, Shape::AnswersFromViews);
        let rules = Rules {
            level: &ON,
            events: &events,
            several: true,
            recorded: true,
            subject: "the row",
            may_return: true,
            transaction: None,
        };
        let ons = On::parse_all(cx, block, &rules);
        let (ignored, all) = block::ignored(cx, attrs, &rules);
        let part = Part::parse(cx, attrs);
        let known = known && all && !events.is_empty();
        Self { block, crate_path: attrs.crate_path(), part, ignored, handlers, ons, known, events }
    }
}

/// What the block's attribute says; the same for rows and for statements.
pub(crate) fn arguments(cx: &Ctxt, arguments: TokenStream) -> Attrs {
    Attrs::of_args(cx, arguments, &ARGUMENTS)
}

/// A further block of handlers, if it says that it is one.
pub(crate) fn further<'a>(cx: &Ctxt, attrs: &Attrs, block: &'a ImplBlock) -> Option<Further<'a>> {
    let further = Further::parse(cx, attrs, block, Shape::AnswersFromViews)?;
    block::refuse_generics(cx, block, "a projection", "its rows are one table");
    Some(further)
}

fn refuse_keys_of_statements(cx: &Ctxt, attrs: &Attrs, block: &ImplBlock) {
    if let Some(name) = attrs.given(symbol::NAME) {
        let help = "remove it; the table is called by `#[cqrs(name = \"…\")]` on the struct";
        cx.error_help(name, "a projection into rows goes by the name of its read model", help);
    }
    for method in &block.methods {
        if let Some(setup) = method.attribute(symbol::SETUP) {
            let help = "remove it; tables of your own are for a projection with `transaction = …`";
            cx.error_help(setup, "the store itself makes the table of a read model", help);
        }
    }
}

pub(super) fn events(cx: &Ctxt, attrs: &Attrs, type_name: &str) -> Vec<Path> {
    let several = attrs.path_list(symbol::EVENTS).to_vec();
    if let (Some(event), Some(events)) = (attrs.path(symbol::EVENT), attrs.given(symbol::EVENTS)) {
        let help = format!("write `events({}, …)` alone", last_name(event));
        cx.error_help(events, "`event` and `events` say the same thing twice", help);
    }
    for (i, path) in several.iter().enumerate() {
        if several[..i].iter().any(|other| last_name(other) == last_name(path)) {
            let help = "give one of them another name with `use … as …`";
            cx.error_help(path, format!("two of the events are called `{}` here", last_name(path)), help);
        }
    }
    match attrs.path(symbol::EVENT) {
        Some(event) => vec![event.clone()],
        None if !several.is_empty() => several,
        None => {
            let name = type_name.trim_end_matches("View");
            block::require(cx, attrs, symbol::PROJECTION, &[(symbol::EVENT, format!("event = {name}Event"))]);
            Vec::new()
        }
    }
}
