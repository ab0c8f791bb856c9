//! Half-typed code: whatever is dropped, doubled, swapped, cut off or typed in between, no macro panics, what comes out is
//! items, and the user's item is among them. `CQRS_TEST_LONG=1` tries many more.

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Data, DeriveInput, Fields, GenericParam};

use super::{
    errors,
    sources::{BLOCKS, DERIVES, Macro, annotated, texts},
};
use crate::{helper_attr::helper, symbol};

/// How often an item is changed; `many` where there is time.
pub(crate) fn rounds(few: u64) -> u64 {
    if env::var_os("CQRS_TEST_LONG").is_some() { few * 10 } else { few }
}

#[test]
fn what_is_valid_has_no_errors() {
    let sources = annotated();
    assert!(sources.len() > 200, "only {} annotated items were found", sources.len());
    for source in sources {
        let output = match &source.on {
            // rustc takes out what is under a condition before it asks a derive.
            Macro::Derive(..) if source.item.to_string().contains("[cfg") => continue,
            Macro::Derive(_, derive) => derive(source.item.clone()),
            Macro::Block(block, arguments) => block(arguments.clone(), source.item.clone()),
        };
        assert_eq!(errors(output), [], "{}: {}", source.from, source.item);
    }
}

#[test]
fn whatever_is_typed_the_item_comes_out() {
    let (mut tried, mut refused) = (0, 0);
    for source in annotated() {
        for seed in 1..=rounds(12) {
            let from = format!("seed {seed} of {}", source.from);
            let output = match &source.on {
                Macro::Derive(name, derive) => derived(&from, name, *derive, &mutant(&source.item, seed)),
                Macro::Block(block, arguments) if seed % 4 == 0 => {
                    expanded(&from, *block, &mutant(arguments, seed), &source.item)
                }
                Macro::Block(block, arguments) => expanded(&from, *block, arguments, &mutant(&source.item, seed)),
            };
            tried += 1;
            refused += u64::from(!errors(output).is_empty());
        }
    }
    assert!(refused > tried / 3, "only {refused} of {tried} mutants were refused, so they hardly differ");
}

#[test]
fn every_macro_bears_the_input_of_every_test() {
    for (number, text) in texts().iter().enumerate() {
        for seed in 0..=rounds(1) {
            let mutant = if seed == 0 { text.clone() } else { mutant(text, seed + number as u64) };
            let from = format!("seed {seed} of text {number}");
            for (name, derive) in DERIVES {
                derived(&from, name, derive, &mutant);
            }
            for (_, block, arguments) in BLOCKS {
                expanded(&from, block, &arguments.parse().unwrap(), &mutant);
                expanded(&from, block, &mutant, &"impl User { fn name(&self) {} }".parse().unwrap());
            }
        }
    }
}

/// What a derive makes of an item: items, and the impl that others rely on, unless it cannot be written.
fn derived(from: &str, name: &str, derive: fn(TokenStream) -> TokenStream, item: &TokenStream) -> TokenStream {
    let output = catch_unwind(AssertUnwindSafe(|| derive(item.clone())));
    let output = output.unwrap_or_else(|_| panic!("`{name}` panicked on {from}: {item}"));
    assert!(syn::parse2::<syn::File>(output.clone()).is_ok(), "no items came out of `{name}` for {from}: {item}");
    if syn::parse2::<DeriveInput>(item.clone()).is_ok_and(|input| can_be(name, &input)) {
        let text = output.to_string();
        assert!(text.contains(&format!("__cqrs :: {name} for ")), "no `{name}` came out for {from}: {item}");
    }
    words(from, output)
}

/// Whether the impl can be written for such an item, whatever its attributes are.
fn can_be(name: &str, input: &DeriveInput) -> bool {
    let params = &input.generics.params;
    match (name, &input.data) {
        ("Event", Data::Enum(_)) => true,
        ("ReadModel", Data::Struct(data)) => params.is_empty() && matches!(data.fields, Fields::Named(_)),
        ("Dispatcher", Data::Struct(_)) => !params.iter().any(|param| matches!(param, GenericParam::Type(_))),
        ("Command" | "Query", Data::Struct(_)) => params.is_empty(),
        _ => false,
    }
}

type Block = fn(TokenStream, TokenStream) -> TokenStream;

/// What a block comes out as: first itself, token by token without what is ours, then items.
pub(crate) fn expanded(from: &str, block: Block, arguments: &TokenStream, item: &TokenStream) -> TokenStream {
    let output = catch_unwind(AssertUnwindSafe(|| block(arguments.clone(), item.clone())));
    let output = output.unwrap_or_else(|_| panic!("a macro panicked on {from}: {arguments} on {item}"));
    let (mut wanted, mut actual) = (Vec::new(), Vec::new());
    leaves(item, true, &mut wanted);
    leaves(&output, false, &mut actual);
    let mut rest = actual.iter();
    for token in &wanted {
        assert!(rest.any(|other| other == token), "`{token}` is lost from {from}: {item}\n{output}");
    }
    if syn::parse2::<syn::ItemImpl>(item.clone()).is_ok() {
        assert!(
            syn::parse2::<syn::File>(output.clone()).is_ok(),
            "no items came out for {from}: {arguments} on {item}"
        );
    }
    words(from, output)
}

/// That no message names what the user did not write.
fn words(from: &str, output: TokenStream) -> TokenStream {
    for (message, _) in errors(output.clone()) {
        assert!(!message.contains("__cqrs") && !message.is_empty(), "{from}: {message}");
    }
    output
}

/// The tokens in order, with the groups' delimiters among them; if so wanted, without the attributes that a block takes.
fn leaves(tokens: &TokenStream, without_ours: bool, out: &mut Vec<String>) {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(hash) if hash.as_char() == '#' && without_ours && tokens.next_if(is_ours).is_some() => {}
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                out.push(open.to_owned());
                leaves(&group.stream(), without_ours, out);
                out.push(close.to_owned());
            }
            token => out.push(token.to_string()),
        }
    }
}

fn is_ours(attribute: &TokenTree) -> bool {
    let TokenTree::Group(group) = attribute else { return false };
    let first = group.stream().into_iter().next().map(|first| first.to_string());
    group.delimiter() == Delimiter::Bracket
        && (helper(group, symbol::PROJECTION).is_some()
            || matches!(
                first.as_deref(),
                Some("recorded" | "cqrs" | "aggregate" | "projection" | "command_handlers" | "query_handlers")
            ))
}

/// What people type, and have not gone on with.
const STRAYS: &[&str] =
    &[".", ",", ";", "=", ":", "::", "&", "#", "!", "<", ">", "->", "|", "'a", "\"\"", "7", "self", "fn", "id", "r#in"];

/// `source` with one to three changes: a token dropped, doubled, swapped with the next or typed in between, or the rest
/// of a group cut off. The same for the same seed.
pub(crate) fn mutant(source: &TokenStream, seed: u64) -> TokenStream {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut tokens = source.clone();
    for _ in 0..=random.below(3) {
        let place = random.below(count(&tokens).max(1));
        let how = random.below(5);
        let stray = STRAYS[random.below(STRAYS.len())].parse().unwrap();
        tokens = changed(tokens, &mut Some(place), how, &stray);
    }
    tokens
}

/// How many tokens there are, those in groups and the groups themselves.
fn count(tokens: &TokenStream) -> usize {
    let inner = |token| if let TokenTree::Group(group) = token { count(&group.stream()) } else { 0 };
    tokens.clone().into_iter().map(|token| 1 + inner(token)).sum()
}

fn changed(tokens: TokenStream, place: &mut Option<usize>, how: usize, stray: &TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match *place {
            Some(0) => {
                *place = None;
                match how {
                    0 => {}
                    1 => out.extend([token.clone(), token]),
                    2 => out.extend(tokens.next().into_iter().chain([token])),
                    3 => out.extend(stray.clone().into_iter().chain([token])),
                    _ => break,
                }
            }
            Some(left) => {
                *place = Some(left - 1);
                out.push(match token {
                    TokenTree::Group(group) => {
                        let stream = changed(group.stream(), place, how, stray);
                        let mut inner = Group::new(group.delimiter(), stream);
                        inner.set_span(group.span());
                        inner.into()
                    }
                    token => token,
                });
            }
            None => out.push(token),
        }
    }
    out.into_iter().collect()
}

/// Marsaglia's xorshift, enough to pick tokens.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % limit
    }
}
