//! `#[handle]`, `#[on(…)]` and `#[setup]` on the methods of a block, however they are written.
//!
//! A path to one, `#[cqrs::handle]`, is the same. What other frameworks call them, and what stands in another attribute, is
//! reported, and taken as it is meant, so that nothing seems to be missing besides.

use std::iter::Peekable;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{Attribute, Meta, Path, parse::Parser as _};

use crate::{
    ctxt::Ctxt,
    symbol::{self, Symbol},
};

/// What people call them who come from elsewhere.
const SYNONYMS: &[(&str, Symbol)] = &[
    ("apply", symbol::ON),
    ("command_handler", symbol::HANDLE),
    ("event_handler", symbol::ON),
    ("event_sourcing_handler", symbol::ON),
    ("handle_command", symbol::HANDLE),
    ("handle_query", symbol::HANDLE),
    ("handler", symbol::HANDLE),
    ("handles", symbol::HANDLE),
    ("on_event", symbol::ON),
    ("query_handler", symbol::HANDLE),
];

/// How an attribute marks a method.
enum Mark {
    /// As it should.
    Plain(Symbol),
    /// By another name.
    Meant(Symbol),
    /// In another attribute, as these tokens.
    Wrapped(Symbol, TokenStream),
}

impl Mark {
    fn symbol(&self) -> Symbol {
        match self {
            Self::Plain(symbol) | Self::Meant(symbol) | Self::Wrapped(symbol, _) => *symbol,
        }
    }
}

/// The helper attributes of a block with this attribute.
fn helpers(block: Symbol) -> &'static [Symbol] {
    match block {
        symbol::PROJECTION => &[symbol::HANDLE, symbol::ON, symbol::SETUP],
        _ => &[symbol::HANDLE, symbol::ON],
    }
}

/// What `#[…]` with this in its brackets is meant for, if it belongs to the block.
pub(crate) fn helper(brackets: &Group, block: Symbol) -> Option<Symbol> {
    mark(brackets.stream(), block).map(|mark| mark.symbol())
}

/// A method's attributes, each helper as it is meant.
pub(crate) fn read(cx: &Ctxt, attributes: Vec<Attribute>, block: Symbol) -> Vec<Attribute> {
    attributes.into_iter().map(|attribute| as_meant(cx, attribute, block)).collect()
}

fn as_meant(cx: &Ctxt, mut attribute: Attribute, block: Symbol) -> Attribute {
    if attribute.path().is_ident("doc") {
        return attribute;
    }
    let Some(mark) = mark(attribute.meta.to_token_stream(), block) else { return attribute };
    let (written, symbol) = (attribute.path().to_token_stream(), mark.symbol());
    let example = if symbol == symbol::ON { "on(…)" } else { symbol.0 };
    match mark {
        Mark::Plain(_) => {}
        Mark::Meant(_) => {
            let problem = format!("a method of a block with `#[{block}]` is not marked with `#[{written}]`");
            cx.error_help(attribute.path(), problem, format!("write `#[{example}]`"));
        }
        Mark::Wrapped(_, tokens) => {
            let (problem, help) = if *attribute.path() == symbol::CQRS {
                ("`#[cqrs(…)]` is for data, not for methods".to_owned(), format!("write `#[{example}]`"))
            } else {
                let help = format!("write `#[cfg(…)]` and `#[{example}]`: then the whole method is there or not");
                (format!("the block is read before `cfg_attr` is, and does not see this `#[{symbol}]`"), help)
            };
            cx.error_help(&attribute, problem, help);
            let unwrapped = Attribute::parse_outer.parse2(quote!(#[#tokens])).ok().and_then(|mut all| all.pop());
            if let Some(unwrapped) = unwrapped {
                attribute.meta = unwrapped.meta;
            }
        }
    }
    let span = attribute.path().segments.last().map_or_else(proc_macro2::Span::call_site, |last| last.ident.span());
    let plain = Path::from(Ident::new(symbol.0, span));
    match &mut attribute.meta {
        Meta::Path(path) => *path = plain,
        Meta::List(list) => list.path = plain,
        Meta::NameValue(pair) => pair.path = plain,
    }
    attribute
}

/// What an attribute with these tokens in its brackets is for the block.
fn mark(tokens: TokenStream, block: Symbol) -> Option<Mark> {
    let mut tokens = tokens.into_iter().peekable();
    let path = path(&mut tokens);
    let name = path.last()?;
    let named = |name: &str| helpers(block).iter().find(|helper| helper.0 == name).copied();
    if let Some(helper) = named(name) {
        return Some(Mark::Plain(helper));
    }
    let arguments = match tokens.next() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    };
    let inner = match (&*path, name.as_str()) {
        ([_], "cqrs") => entries(arguments).next(),
        ([_], "cfg_attr") => entries(arguments).nth(1),
        ([_], _) => {
            let synonym = SYNONYMS.iter().find(|(theirs, _)| theirs == name).map(|(_, ours)| *ours);
            let meant = synonym.or_else(|| named(&name.to_lowercase()))?;
            // `#[apply(name!)]` is another crate's.
            let calls = |token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!');
            return (!arguments.into_iter().any(calls)).then_some(Mark::Meant(meant));
        }
        _ => None,
    };
    let inner = inner?;
    match inner.clone().into_iter().next() {
        Some(TokenTree::Ident(first)) => Some(Mark::Wrapped(named(&first.to_string())?, inner)),
        _ => None,
    }
}

/// The names of a path.
fn path(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) -> Vec<String> {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let mut path = Vec::new();
    while tokens.next_if(is_colon).is_some() {}
    while let Some(TokenTree::Ident(ident)) = tokens.next_if(|token| matches!(token, TokenTree::Ident(_))) {
        path.push(ident.to_string());
        if tokens.next_if(is_colon).and_then(|_| tokens.next_if(is_colon)).is_none() {
            break;
        }
    }
    path
}

/// What stands between commas.
fn entries(tokens: TokenStream) -> impl Iterator<Item = TokenStream> {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let tokens: Vec<_> = tokens.into_iter().collect();
    let entries: Vec<_> = tokens.split(is_comma).map(|entry| entry.iter().cloned().collect()).collect();
    entries.into_iter()
}
