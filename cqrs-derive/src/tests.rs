//! What the macros say, in process: the message and the text that it underlines.

mod aggregate;
mod attr;
mod block;
mod block_expansions;
mod blocks_come_out;
mod command;
mod debug;
mod dispatcher;
mod event;
mod event_claims;
mod event_serde;
pub(crate) mod expansions;
mod forgotten;
mod guide;
mod habits;
mod handle;
mod helper_attr;
mod mend;
pub(crate) mod mutation;
mod part;
mod projection;
mod query;
mod read_model;
mod serde_names;
mod service;
mod several;
mod snapshot;
mod sources;
mod statements;

use proc_macro2::{Span, TokenStream, TokenTree};

/// Every `compile_error!` in `output`: its message, and the source text that it underlines.
pub(crate) fn errors(output: TokenStream) -> Vec<(String, String)> {
    let mut errors = Vec::new();
    let mut start = None;
    for token in output {
        match token {
            // `::core::compile_error!{ "message" }`, which begins and ends where the underlined text does.
            TokenTree::Ident(ident) if ident == "compile_error" => start = Some(ident.span()),
            TokenTree::Group(group) => match start.take() {
                Some(start) => errors.push(error(start, &group)),
                None => errors.extend(self::errors(group.stream())),
            },
            TokenTree::Punct(_) => {}
            _ => start = None,
        }
    }
    errors
}

fn error(start: Span, group: &proc_macro2::Group) -> (String, String) {
    let message: syn::LitStr = syn::parse2(group.stream()).unwrap();
    let underlined = start.join(group.span()).and_then(|span| span.source_text()).unwrap_or_default();
    (message.value(), underlined)
}

/// That a derive says of `source` exactly what is expected, in this order.
fn says(derive: fn(TokenStream) -> TokenStream, source: &str, expected: &[(&str, &str)]) {
    let errors = errors(derive(source.parse().unwrap()));
    let errors: Vec<_> = errors.iter().map(|(message, text)| (&**message, &**text)).collect();
    assert_eq!(errors, expected, "{source}");
}

/// That a macro on an impl block says of `item` exactly what is expected, in this order.
fn block_says(
    block: fn(TokenStream, TokenStream) -> TokenStream,
    arguments: &str,
    item: &str,
    expected: &[(&str, &str)],
) {
    let errors = errors(block(arguments.parse().unwrap(), item.parse().unwrap()));
    let errors: Vec<_> = errors.iter().map(|(message, text)| (&**message, &**text)).collect();
    assert_eq!(errors, expected, "{item}");
}
