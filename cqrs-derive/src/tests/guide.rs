//! `docs/macros.md` shows what the macros write: `CQRS_BLESS=1 cargo test -p cqrs-derive guide` writes it anew.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Ident, Item, Meta, Token, punctuated::Punctuated};

use crate::{blocks, debug, derives, symbol};

const FENCE: &str = "\n```";

/// The guide, with every block of `rust,expanded` made from the block of `rust` that is the last before it.
fn rewritten(guide: &str) -> String {
    let (mut output, mut input) = (String::new(), "");
    // In turns text, and code that begins with the name of its language.
    for (place, piece) in guide.split(FENCE).enumerate() {
        if place > 0 {
            output += FENCE;
        }
        match piece.strip_prefix("rust,expanded") {
            Some(_) if place % 2 == 1 => output.extend(["rust,expanded\n", expanded(input).trim_end()]),
            _ => output += piece,
        }
        if place % 2 == 1 {
            input = piece.strip_prefix("rust\n").unwrap_or(input);
        }
    }
    output
}

/// What the macros of cqrs write on the items of some code.
fn expanded(code: &str) -> String {
    let file: syn::File = syn::parse_str(code).unwrap();
    let written: TokenStream = file.items.iter().map(written).collect();
    prettyplease::unparse(&syn::parse2(written).unwrap())
}

fn written(item: &Item) -> TokenStream {
    let (Item::Enum(syn::ItemEnum { attrs, .. }) | Item::Struct(syn::ItemStruct { attrs, .. })) = item else {
        let Item::Impl(block) = item else { return TokenStream::new() };
        return written_beside(block.clone());
    };
    let derived = attrs.iter().filter(|attribute| attribute.path().is_ident("derive")).flat_map(derives_of);
    let item = item.to_token_stream();
    derived
        .filter_map(|derive| match derive.to_string().as_str() {
            "Command" => Some(derives::command(item.clone())),
            "Dispatcher" => Some(derives::dispatcher(item.clone())),
            "Event" => Some(derives::event(item.clone())),
            "Query" => Some(derives::query(item.clone())),
            "ReadModel" => Some(derives::read_model(item.clone())),
            _ => None,
        })
        .collect()
}

fn derives_of(attribute: &Attribute) -> Punctuated<Ident, Token![,]> {
    attribute.parse_args_with(Punctuated::parse_terminated).unwrap()
}

fn written_beside(mut block: syn::ItemImpl) -> TokenStream {
    let attribute = block.attrs.remove(0);
    let arguments = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let item = block.into_token_stream();
    let name = attribute.path().get_ident().unwrap().to_string();
    let (name, written) = match name.as_str() {
        "aggregate" => (symbol::AGGREGATE, blocks::aggregate(arguments, item.clone())),
        "projection" => (symbol::PROJECTION, blocks::projection(arguments, item.clone())),
        "command_handlers" => (symbol::COMMAND_HANDLERS, blocks::command_handlers(arguments, item.clone())),
        "query_handlers" => (symbol::QUERY_HANDLERS, blocks::query_handlers(arguments, item.clone())),
        other => panic!("`#[{other}]` is none of ours"),
    };
    debug::beside(name, &item, &written)
}

#[test]
fn the_guide_shows_what_the_macros_write() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/macros.md");
    let guide = fs::read_to_string(&path).unwrap();
    let rewritten = rewritten(&guide);
    if env::var_os("CQRS_BLESS").is_some() {
        fs::write(&path, &rewritten).unwrap();
    } else {
        assert!(guide == rewritten, "{} is out of date: run this test with `CQRS_BLESS=1`", path.display());
    }
    assert_eq!(rewritten.matches("```rust,expanded").count(), 10, "nine macros, one of which has two outputs");
    assert!(!rewritten.contains("compile_error"));
}

#[test]
fn the_guide_names_every_key() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/macros.md")).unwrap();
    let keys: Vec<_> = include_str!("../symbol.rs")
        .lines()
        .filter_map(|line| line.split_once(" = \"")?.1.strip_suffix("\";"))
        .collect();
    assert!(keys.len() > 25, "{keys:?}");
    for key in keys {
        let named = [format!("`{key}"), format!("#[{key}"), format!("({key} ="), format!(", {key} =")]
            .iter()
            .any(|named| guide.contains(named));
        assert!(named, "the guide does not name `{key}`");
    }
}
