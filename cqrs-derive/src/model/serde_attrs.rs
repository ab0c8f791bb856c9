//! serde attributes that change what an event looks like from outside, or leave out what is read back, and so do not
//! work.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, DataEnum, DeriveInput, Field, Meta};

use crate::ctxt::Ctxt;

const FORM: &str = "an event is stored as its variant's own fields, beside the name of the variant";
const OTHER_TYPE: &str = "an event is written and read as this enum itself, not as another type";
const SKIPPED: &str = "an event that serde skips could be recorded, but not stored or not read back";
const LOST: &str = "what is not stored is lost, and the state would be another after a restart";
const READ_BACK: &str = "a row is read back from what is stored, and is found by this field";
const CATCH_ALL: &str = "an event of an unknown name is an error that says so, never another event";

const ON_ENUM: &[(&str, &str)] = &[
    ("tag", FORM),
    ("content", FORM),
    ("untagged", FORM),
    ("from", OTHER_TYPE),
    ("try_from", OTHER_TYPE),
    ("into", OTHER_TYPE),
    ("remote", OTHER_TYPE),
];

const ON_VARIANT: &[(&str, &str)] = &[
    ("untagged", FORM),
    ("skip", SKIPPED),
    ("skip_serializing", SKIPPED),
    ("skip_deserializing", SKIPPED),
    ("other", CATCH_ALL),
];

const ON_EVENT_FIELD: &[(&str, &str)] = &[("skip", LOST), ("skip_serializing", LOST), ("skip_deserializing", LOST)];

const ON_COLUMN: &[(&str, &str)] =
    &[("skip", READ_BACK), ("skip_serializing", READ_BACK), ("skip_deserializing", READ_BACK)];

pub(super) fn check_enum(cx: &Ctxt, input: &DeriveInput, data: &DataEnum) {
    check(cx, &input.attrs, ON_ENUM);
    for variant in &data.variants {
        check(cx, &variant.attrs, ON_VARIANT);
        for field in &variant.fields {
            check(cx, &field.attrs, ON_EVENT_FIELD);
        }
    }
}

/// A field of a read model that is its key or indexed.
pub(super) fn check_column(cx: &Ctxt, field: &Field) {
    check(cx, &field.attrs, ON_COLUMN);
}

fn check(cx: &Ctxt, attributes: &[Attribute], refused: &[(&str, &str)]) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let Meta::List(list) = &attribute.meta else { continue };
        for key in keys(list.tokens.clone()) {
            if let Some((name, why)) = refused.iter().find(|(name, _)| key == name) {
                let help = format!("remove `{name}` from `#[serde(…)]`");
                cx.error_help(&key, format!("serde's `{name}` does not work here: {why}"), help);
            }
        }
    }
}

/// The first word behind every comma.
fn keys(tokens: TokenStream) -> Vec<Ident> {
    let mut keys = Vec::new();
    let mut begins = true;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if begins => {
                keys.push(ident);
                begins = false;
            }
            TokenTree::Punct(punct) => begins = punct.as_char() == ',',
            _ => begins = false,
        }
    }
    keys
}
