//! `snapshot(every = 100)`: how often an aggregate's state is kept.

use proc_macro2::TokenStream;
use syn::{Ident, LitInt};

use crate::{
    attr::{Attrs, Form, Key, Level, repeated},
    ctxt::Ctxt,
    impl_block::ImplBlock,
    symbol::{self, Symbol},
};

const EXAMPLE: &str = "snapshot(every = 100)";

/// The key, in the arguments of `#[aggregate]` and beneath it.
pub(super) const KEY: Key = Key { symbol: symbol::SNAPSHOT, form: Form::Keys, example: EXAMPLE };

static BENEATH: Level = Level {
    attribute: symbol::CQRS,
    on: "the `#[cqrs]` of an aggregate",
    keys: &[KEY],
    paths: false,
    elsewhere: &[&super::aggregate::ARGUMENTS],
};

static KEYS: Level = Level {
    attribute: symbol::SNAPSHOT,
    on: "`snapshot(…)`",
    keys: &[
        Key { symbol: symbol::EVERY, form: Form::Number, example: "every = 100" },
        Key { symbol: symbol::VERSION, form: Form::Number, example: "version = 2" },
    ],
    paths: false,
    elsewhere: &[],
};

/// When snapshots are taken, and what they mean.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) every: u64,
    pub(crate) version: u64,
}

impl Snapshot {
    /// What the arguments of `#[aggregate]` say of it, or `#[cqrs(…)]` beneath.
    pub(super) fn parse(cx: &Ctxt, arguments: &Attrs, block: &ImplBlock) -> Option<Self> {
        let beneath = Attrs::of(cx, &block.attrs, &BENEATH);
        let mut given = [arguments, &beneath].into_iter().filter_map(|attrs| {
            let ident = attrs.given(symbol::SNAPSHOT)?;
            Some((ident, attrs.keys(symbol::SNAPSHOT)?))
        });
        let (ident, keys) = given.next()?;
        if let Some((again, _)) = given.next() {
            cx.push(repeated(again));
        }
        Self::of_keys(cx, ident, keys)
    }

    fn of_keys(cx: &Ctxt, ident: &Ident, keys: &TokenStream) -> Option<Self> {
        if let Ok(number) = syn::parse2::<LitInt>(keys.clone()) {
            let help = format!("write `snapshot(every = {number})`");
            cx.error_help(&number, "`snapshot` does not say what this number is", help);
            return None;
        }
        let before = cx.count();
        let attrs = Attrs::of_args(cx, keys.clone(), &KEYS);
        if attrs.given(symbol::EVERY).is_none() {
            // A key that is misspelt is not missing.
            if cx.count() == before {
                let problem = "`snapshot` does not say its `every`: after how many events one is taken";
                cx.error_help(ident, problem, format!("write `{EXAMPLE}`"));
            }
            return None;
        }
        let every = number(cx, &attrs, symbol::EVERY)?;
        let version = number(cx, &attrs, symbol::VERSION);
        if every == 0 {
            let problem = "`every` is 0: there is no event between two snapshots";
            cx.error_help(
                attrs.number(symbol::EVERY),
                problem,
                "write `every = 100`, or remove `snapshot(…)` to keep none",
            );
            return None;
        }
        Some(Self { every, version: version.unwrap_or(0) })
    }
}

/// The value of a number that fits.
fn number(cx: &Ctxt, attrs: &Attrs, key: Symbol) -> Option<u64> {
    let literal = attrs.number(key)?;
    let number = literal.base10_parse::<u64>().ok().filter(|_| literal.suffix().is_empty());
    if number.is_none() {
        let (least, example) = if key == symbol::EVERY { (1, "every = 100") } else { (0, "version = 2") };
        let problem = format!("`{key}` takes a whole number from {least} to {}", u64::MAX);
        cx.error_help(literal, problem, format!("write `{example}`"));
    }
    number
}
