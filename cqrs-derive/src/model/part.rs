//! `blocks = 2` and `block = 2`: the handlers of one type in several impl blocks.

use syn::LitInt;

use super::handle::{Handler, Shape};
use crate::{
    attr::{Attrs, Form, Key},
    crate_path::CratePath,
    ctxt::Ctxt,
    impl_block::ImplBlock,
    symbol::{self, Symbol},
};

/// On the first block: in how many the handlers stand.
pub(super) const BLOCKS: Key = Key { symbol: symbol::BLOCKS, form: Form::Number, example: "blocks = 2" };

/// On a further block: which one it is.
pub(super) const BLOCK: Key = Key { symbol: symbol::BLOCK, form: Form::Number, example: "block = 2" };

/// More would be a mistake of typing.
const MOST: usize = 64;

/// Which of a type's blocks this is.
pub(crate) enum Part {
    /// The first of so many.
    First(usize, Option<LitInt>),
    /// A further one.
    Further(usize, LitInt),
    /// A further one that does not say which, as is reported.
    Unknown,
}

impl Part {
    pub(super) fn parse(cx: &Ctxt, attrs: &Attrs) -> Self {
        if let (Some(blocks), true) = (attrs.given(symbol::BLOCKS), attrs.given(symbol::BLOCK).is_some()) {
            let help = "remove it; the first block says `blocks = …`, and each further one which it is";
            cx.error_help(blocks, "a further block does not say how many there are", help);
        }
        if let Some((number, literal)) = number(cx, attrs, symbol::BLOCK) {
            return Self::Further(number, literal);
        }
        if attrs.given(symbol::BLOCK).is_some() {
            return Self::Unknown;
        }
        match number(cx, attrs, symbol::BLOCKS) {
            Some((number, literal)) => Self::First(number, Some(literal)),
            None => Self::First(1, None),
        }
    }
}

/// The first block is number 1, so that the numbers of all that is said here begin at 2.
fn number(cx: &Ctxt, attrs: &Attrs, key: Symbol) -> Option<(usize, LitInt)> {
    let literal = attrs.number(key)?;
    let number =
        literal.base10_parse().ok().filter(|number| literal.suffix().is_empty() && (2..=MOST).contains(number));
    if number.is_none() {
        let problem = match key {
            symbol::BLOCK => format!("`block` takes the number of a further block, from 2 to {MOST}"),
            _ => format!("`blocks` takes how many blocks there are, from 2 to {MOST}"),
        };
        let help = if key == symbol::BLOCK { "write `block = 2`" } else { "write `blocks = 2`, or remove it" };
        cx.error_help(literal, problem, help);
    }
    Some((number?, literal.clone()))
}

/// A further block: handlers and nothing else.
pub(crate) struct Further<'a> {
    pub(crate) block: &'a ImplBlock,
    pub(crate) crate_path: CratePath,
    pub(crate) part: Part,
    pub(crate) handlers: Vec<Handler<'a>>,
}

impl<'a> Further<'a> {
    /// The block, if it says that it is a further one.
    pub(super) fn parse(cx: &Ctxt, attrs: &Attrs, block: &'a ImplBlock, shape: Shape) -> Option<Self> {
        let given = attrs.given(symbol::BLOCK)?;
        for key in
            attrs.all().filter(|key| ![symbol::BLOCK, symbol::BLOCKS, symbol::CRATE].iter().any(|own| *key == own))
        {
            let help = "move it to the attribute of the first block";
            cx.error_help(key, format!("`{key}` is said in the first block, for all of them"), help);
        }
        for method in &block.methods {
            for mark in [symbol::ON, symbol::SETUP].iter().filter_map(|mark| method.attribute(*mark)) {
                let help = "move the method to the first block";
                cx.error_help(mark, "a further block has handlers, and nothing that follows events", help);
            }
        }
        let handlers = Handler::parse_all(cx, block, shape);
        if handlers.is_empty() && cx.is_clean() {
            let help = "mark the methods that handle something with `#[handle]`, or remove the attribute";
            cx.error_help(given, "no method of this block is a handler", help);
        }
        Some(Self { block, crate_path: attrs.crate_path(), part: Part::parse(cx, attrs), handlers })
    }
}
