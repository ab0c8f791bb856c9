//! What commands and queries have in common: they travel to their handler, and a result back.

use quote::quote;
use syn::{Generics, Type, parse_quote};

use crate::model::item;

/// The generics of a message, bounded so that every instance of it can be sent, and its result as well.
pub(super) fn generics(generics: &Generics, result: Option<&Type>) -> Generics {
    let sendable = quote!(__cqrs::core::marker::Send + 'static);
    let mut bounded = item::bounded(generics, &quote!(__cqrs::core::marker::Sync + #sendable));
    if let (Some(result), false) = (result, generics.params.is_empty()) {
        bounded.make_where_clause().predicates.push(parse_quote!(#result: #sendable));
    }
    bounded
}
