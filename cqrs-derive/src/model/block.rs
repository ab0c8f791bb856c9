//! What the attribute macros on impl blocks share.

use proc_macro2::Span;

use super::on::{Rules, Variant, variant};
use crate::{
    attr::Attrs,
    ctxt::Ctxt,
    impl_block::ImplBlock,
    symbol::{self, Symbol},
};

/// A place of the user's, for tokens of ours: rustc reports there and still knows that nobody wrote them.
pub(crate) fn located(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// Refuses generics, for the reason given, and says whether there are any.
pub(super) fn refuse_generics(cx: &Ctxt, block: &ImplBlock, what: &str, why: &str) -> bool {
    let generic = !block.generics.params.is_empty();
    if generic {
        let help = "name the types, and write a type and a block for each";
        cx.error_help(&block.generics.params, format!("{what} cannot be generic: {why}"), help);
    }
    generic
}

/// Notes the keys that are missing, each with how it would be written. Called before anything else can be wrong.
pub(super) fn require(cx: &Ctxt, attrs: &Attrs, attribute: Symbol, keys: &[(Symbol, String)]) {
    let missing: Vec<_> = keys.iter().filter(|(key, _)| attrs.given(*key).is_none()).collect();
    // A key that is misspelt is not missing.
    if missing.is_empty() || !cx.is_clean() {
        return;
    }
    let names: Vec<_> = missing.iter().map(|(key, _)| format!("`{key}`")).collect();
    let names = names.join(" and ");
    let examples: Vec<_> = keys.iter().map(|(_, example)| example.as_str()).collect();
    let further = if attribute == symbol::AGGREGATE && attrs.all().next().is_none() {
        ", or `#[aggregate(block = 2)]` on a further block"
    } else {
        ""
    };
    let help = format!("write `#[{attribute}({})]`{further}", examples.join(", "));
    cx.error_at(Span::call_site(), format!("`#[{attribute}]` does not say its {names}"), help);
}

/// The variants in `ignore(…)`, and whether these are all that it names.
pub(super) fn ignored(cx: &Ctxt, attrs: &Attrs, rules: &Rules<'_>) -> (Vec<Variant>, bool) {
    let paths = attrs.path_list(symbol::IGNORE);
    let variants: Vec<_> = paths.iter().filter_map(|path| variant(cx, path, &[], rules)).collect();
    let all = variants.len() == paths.len();
    (variants, all)
}
