//! The macros of `cqrs`. Use them through that crate.

mod attr;
mod check;
mod crate_path;
mod ctxt;
mod expand;
mod fallback;
mod model;
mod symbol;

/// Facts about one kind of aggregate: an enum with one variant a fact.
#[proc_macro_derive(Event, attributes(cqrs))]
pub fn event(_input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    proc_macro::TokenStream::new()
}
