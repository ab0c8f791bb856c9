//! `CQRS_DERIVE_DEBUG`: shows on stderr what a macro has written.
//!
//! It looks at tokens that are finished and changes none of them: what comes out of a macro never depends on the
//! environment. The toolchain's `rustfmt` makes them readable, so that no user builds a formatter.

use std::{
    env,
    io::{self, Write as _},
    process::{Command, Stdio},
};

use proc_macro::Span;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::{ItemImpl, Type, ext::IdentExt as _};

use crate::{impl_block::without_helpers, symbol::Symbol};

/// `1` shows every expansion, the name of a type those on it. Empty or `0` is as if it were not set.
const VARIABLE: &str = "CQRS_DERIVE_DEBUG";

/// Expands a derive.
pub(crate) fn derive(
    name: &str,
    item: proc_macro::TokenStream,
    expand: fn(TokenStream) -> TokenStream,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    let written = expand(item.clone());
    show(|wanted| report(wanted, &format!("#[derive({name})]"), &item, &written));
    written.into()
}

/// Expands an attribute macro on a block. What it leaves as it was is not shown.
pub(crate) fn block(
    attribute: Symbol,
    arguments: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
    expand: fn(TokenStream, TokenStream) -> TokenStream,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    let written = expand(arguments.into(), item.clone());
    show(|wanted| report(wanted, &format!("#[{attribute}]"), &item, &beside(attribute, &item, &written)));
    written.into()
}

fn show(report: impl FnOnce(&str) -> Option<String>) {
    let wanted = env::var(VARIABLE).unwrap_or_default();
    if matches!(&*wanted, "" | "0") {
        return;
    }
    if let Some(report) = report(&wanted) {
        let place = Span::call_site();
        // Without a stderr there is nobody to show it to.
        let _ = writeln!(io::stderr(), "// {}:{}: {report}", place.file(), place.line());
    }
}

/// What was written, with a line that says by which macro and on which item, if that is one to be shown.
pub(crate) fn report(wanted: &str, by: &str, item: &TokenStream, written: &TokenStream) -> Option<String> {
    let head = head(item);
    let is_wanted = wanted == "1" || type_name(&head).is_some_and(|name| name == wanted);
    is_wanted.then(|| format!("{by} on `{head}` wrote:\n{}", pretty(written)))
}

/// What a macro on a block wrote beside the block itself.
pub(crate) fn beside(attribute: Symbol, item: &TokenStream, written: &TokenStream) -> TokenStream {
    let block = without_helpers(item.clone(), attribute);
    written.clone().into_iter().skip(block.into_iter().count()).collect()
}

/// `enum UserEvent`, `impl<M: Mailer> Registration<M>`: an item without attributes, visibility and body.
fn head(item: &TokenStream) -> TokenStream {
    let is_keyword = |tree: &TokenTree| matches!(tree, TokenTree::Ident(ident) if ["enum", "struct", "union", "impl"].iter().any(|word| ident == word));
    let is_body = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => matches!(group.delimiter(), Delimiter::Brace),
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    item.clone().into_iter().skip_while(|tree| !is_keyword(tree)).take_while(|tree| !is_body(tree)).collect()
}

fn type_name(head: &TokenStream) -> Option<String> {
    if let Ok(block) = syn::parse2::<ItemImpl>(quote!(#head {})) {
        let Type::Path(path) = *block.self_ty else { return None };
        return path.path.segments.last().map(|last| last.ident.unraw().to_string());
    }
    match head.clone().into_iter().nth(1) {
        Some(TokenTree::Ident(name)) => Some(name.unraw().to_string()),
        _ => None,
    }
}

/// As rustfmt lays it out; as it is where there is no rustfmt, or where it cannot be read.
fn pretty(tokens: &TokenStream) -> String {
    let plain = tokens.to_string();
    formatted(&plain).unwrap_or(plain)
}

fn formatted(code: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(code.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    if output.status.success() { String::from_utf8(output.stdout).ok() } else { None }
}
