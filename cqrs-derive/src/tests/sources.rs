//! Annotated items as users write them, found in the examples, in the tests of what must compile, and in the other tests
//! here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::{blocks, derives};

/// A derive, or what an attribute is with given arguments.
pub(crate) enum Macro {
    Derive(&'static str, fn(TokenStream) -> TokenStream),
    Block(fn(TokenStream, TokenStream) -> TokenStream, TokenStream),
}

/// An item that a macro stands on, and where it is from.
pub(crate) struct Source {
    pub(crate) from: String,
    pub(crate) on: Macro,
    pub(crate) item: TokenStream,
}

type Derive = fn(TokenStream) -> TokenStream;
type Block = fn(TokenStream, TokenStream) -> TokenStream;

pub(crate) const DERIVES: [(&str, Derive); 5] = [
    ("Event", derives::event),
    ("Command", derives::command),
    ("Query", derives::query),
    ("ReadModel", derives::read_model),
    ("Dispatcher", derives::dispatcher),
];

/// With arguments that most blocks would have.
pub(crate) const BLOCKS: [(&str, Block, &str); 5] = [
    ("aggregate", blocks::aggregate, "event = UserEvent, error = UserError"),
    ("projection", blocks::projection, "event = UserEvent"),
    ("projection", blocks::projection, "event = UserEvent, name = \"users\", transaction = Transaction"),
    ("command_handlers", blocks::command_handlers, ""),
    ("query_handlers", blocks::query_handlers, ""),
];

/// Every annotated item of the examples and of the tests of what must compile.
pub(crate) fn annotated() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["examples", "tests/bank/src", "tests/downstream/src", "tests/macros/tests/compile_pass"] {
        for file in files(&workspace().join(folder)) {
            // Without the first line of a script, tokens are all there is.
            let tokens = fs::read_to_string(&file).unwrap().parse().unwrap();
            find(&tokens, &file.display().to_string(), &mut sources);
        }
    }
    sources
}

/// Every text in the other tests of this crate that can be read as tokens, most of them items, right and wrong.
pub(crate) fn texts() -> Vec<TokenStream> {
    let mut texts = Vec::new();
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests")) {
        literals(&fs::read_to_string(&file).unwrap().parse().unwrap(), &mut texts);
    }
    texts
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    // The order of a directory is the file system's; a seed is to mean the same everywhere.
    found.sort();
    found
}

/// Looks for items with one of our attributes, at any depth.
fn find(tokens: &TokenStream, from: &str, sources: &mut Vec<Source>) {
    let mut attributes: Vec<[TokenTree; 2]> = Vec::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let TokenTree::Punct(hash) = &token
            && hash.as_char() == '#'
            && let Some(TokenTree::Group(_)) = tokens.peek()
        {
            attributes.extend(tokens.next().map(|group| [token, group]));
            continue;
        }
        let mut item = vec![token];
        while !ends(item.last()) && tokens.peek().is_some() {
            item.extend(tokens.next());
        }
        for (place, [_, group]) in attributes.iter().enumerate() {
            let others = attributes.iter().enumerate().filter(|(other, _)| *other != place);
            let beneath = others.flat_map(|(_, attribute)| attribute).chain(&item).cloned().collect();
            sources.extend(macros(group, from, &beneath));
        }
        attributes.clear();
        for token in item {
            if let TokenTree::Group(group) = token {
                find(&group.stream(), from, sources);
            }
        }
    }
}

fn ends(token: Option<&TokenTree>) -> bool {
    match token {
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}

/// What the attribute in these brackets makes of the item, if it is one of ours.
fn macros(attribute: &TokenTree, from: &str, item: &TokenStream) -> Vec<Source> {
    let TokenTree::Group(attribute) = attribute else { return Vec::new() };
    // What a `macro_rules!` writes has no form before it is written.
    if item.to_string().contains('$') || attribute.to_string().contains('$') {
        return Vec::new();
    }
    let source = |on| Source { from: from.to_owned(), on, item: item.clone() };
    let Ok(meta) = syn::parse2::<syn::Meta>(attribute.stream()) else { return Vec::new() };
    let Some(name) = meta.path().segments.last().map(|last| last.ident.to_string()) else { return Vec::new() };
    let arguments = meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
    if name == "derive" {
        let names: Vec<_> = arguments.into_iter().map(|token| token.to_string()).collect();
        let derives = DERIVES.into_iter().filter(|(name, _)| names.iter().any(|derived| derived == name));
        return derives.map(|(name, derive)| source(Macro::Derive(name, derive))).collect();
    }
    let block = BLOCKS.into_iter().find(|(known, ..)| *known == name);
    block.map(|(_, block, _)| source(Macro::Block(block, arguments))).into_iter().collect()
}

fn literals(tokens: &TokenStream, texts: &mut Vec<TokenStream>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => literals(&group.stream(), texts),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value());
                // A name that only we write is in no input.
                let text = text.ok().filter(|text| !text.contains("__cqrs"));
                texts.extend(text.and_then(|text| text.parse().ok()));
            }
            _ => {}
        }
    }
}
