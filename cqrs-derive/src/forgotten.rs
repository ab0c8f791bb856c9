//! `#[cqrs(…)]` without a derive that reads it.
//!
//! It comes here only then: where a derive declares it, rustc takes it for the derive's. What the item was meant to be is
//! told by its keys, and comes out all the same, so that what relies on it has no errors of its own.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Meta, parse::Parser as _};

use crate::{
    ctxt::Ctxt,
    derives,
    impl_block::without,
    mend::mended,
    symbol::{self, Symbol},
};

/// A derive: its name, and what it writes.
type Derive = (&'static str, fn(TokenStream) -> TokenStream);

pub(crate) fn derive(keys: &TokenStream, item: &TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let original = unread(item.clone());
    let attribute = Attribute::parse_outer.parse2(quote!(#[cqrs(#keys)]));
    let input = syn::parse2(item.clone()).ok().or_else(|| Some(mended(item.clone())?.item));
    let (Some(mut input), Ok(attribute)) = (input, attribute) else {
        cx.error_at(
            proc_macro2::Span::call_site(),
            "`#[cqrs(…)]` belongs to a struct or an enum, where a derive reads it",
            "an `impl` block takes `#[aggregate(…)]` or `#[projection(…)]`, its methods `#[handle]` or `#[on(…)]`",
        );
        let errors = cx.finish();
        return quote!(#original #errors);
    };
    let item = quote!(#(#attribute)* #item);
    input.attrs.extend(attribute);
    let name = &input.ident;
    let meant = meant(&input);
    match meant {
        Some((derive, _)) => cx.error_help(
            name,
            format!("`{name}` does not derive `{derive}`, which reads its `#[cqrs(…)]`"),
            format!("add `#[derive({derive})]` above the attribute"),
        ),
        None => cx.error_help(
            name,
            format!("`{name}` derives nothing that reads its `#[cqrs(…)]`"),
            "add `#[derive(Command)]` or `#[derive(Query)]` above the attribute, or `ReadModel`, or `Dispatcher`",
        ),
    }
    let errors = cx.finish();
    let impls = meant.map(|(_, expand)| expand(item));
    quote!(#original #errors #impls)
}

/// What it was meant to be, if its keys say so.
fn meant(input: &DeriveInput) -> Option<Derive> {
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(_) => return Some(("Event", derives::event)),
        Data::Union(_) => return None,
    };
    let has = |key| gives(&input.attrs, key);
    let marks = |key| fields.iter().any(|field| gives(&field.attrs, key));
    if has(symbol::MODEL) {
        Some(("Query", derives::query))
    } else if has(symbol::AGGREGATE) || marks(symbol::ID) {
        Some(("Command", derives::command))
    } else if marks(symbol::KEY) || marks(symbol::INDEX) {
        Some(("ReadModel", derives::read_model))
    } else {
        None
    }
}

/// Whether `#[cqrs(…)]` among these has the key.
fn gives(attributes: &[Attribute], key: Symbol) -> bool {
    attributes.iter().filter(|attribute| *attribute.path() == symbol::CQRS).any(|attribute| match &attribute.meta {
        Meta::List(list) => {
            let mut begins = true;
            list.tokens.clone().into_iter().any(|token| {
                let is_key = begins && matches!(&token, TokenTree::Ident(ident) if *ident == key);
                begins = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
                is_key
            })
        }
        Meta::Path(_) | Meta::NameValue(_) => false,
    })
}

/// The item without `#[cqrs(…)]`, which nothing reads.
fn unread(item: TokenStream) -> TokenStream {
    let trees = without(item, &[symbol::CQRS]).into_iter().map(|tree| match tree {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), unread(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        other => other,
    });
    trees.collect()
}
