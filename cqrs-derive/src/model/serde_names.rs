//! The names that serde gives to fields. Two fields under one name are written, and cannot be read back.

use syn::{
    Attribute, DataEnum, DeriveInput, Expr, ExprLit, Field, Fields, Lit, LitStr, Meta, Token, ext::IdentExt as _,
    punctuated::Punctuated,
};

use crate::ctxt::Ctxt;

/// The fields of a read model.
pub(super) fn check_struct<'a>(cx: &Ctxt, input: &DeriveInput, fields: impl Iterator<Item = &'a Field>) {
    check(cx, fields, &Rules::of(&input.attrs, "rename_all"));
}

/// The named fields of every variant of an event.
pub(super) fn check_enum(cx: &Ctxt, input: &DeriveInput, data: &DataEnum) {
    let all = Rules::of(&input.attrs, "rename_all_fields");
    for variant in &data.variants {
        if let Fields::Named(fields) = &variant.fields {
            let own = Rules::of(&variant.attrs, "rename_all");
            let rules = Rules { write: own.write.or(all.write.clone()), read: own.read.or(all.read.clone()) };
            check(cx, fields.named.iter(), &rules);
        }
    }
}

fn check<'a>(cx: &Ctxt, fields: impl Iterator<Item = &'a Field>, rules: &Rules) {
    let mut known: Vec<Name<'a>> = Vec::new();
    for field in fields {
        let names = names(field, rules);
        let clash = names.iter().find_map(|name| Some((name, known.iter().find(|known| known.clashes(name))?)));
        if let Some((name, first)) = clash {
            let (one, two) = (own_name(first.field), own_name(field));
            let problem =
                format!("serde calls the fields `{one}` and `{two}` both `{}`: they could not be read back", name.text);
            let help = "give one of the two a name of its own";
            match name.at.as_ref().or(first.at.as_ref()) {
                Some(at) => cx.error_help(at, problem, help),
                None => cx.error_help(&field.ident, problem, help),
            }
        }
        known.extend(names);
    }
}

/// A name of a field, where it is written or where it is read.
struct Name<'a> {
    field: &'a Field,
    text: String,
    /// Where it is given.
    at: Option<LitStr>,
    is_read: bool,
}

impl Name<'_> {
    fn clashes(&self, other: &Name<'_>) -> bool {
        self.text == other.text && self.is_read == other.is_read
    }
}

fn own_name(field: &Field) -> String {
    field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default()
}

fn names<'a>(field: &'a Field, rules: &Rules) -> Vec<Name<'a>> {
    let metas = metas(&field.attrs);
    let is = |key: &str| metas.iter().any(|meta| meta.path().is_ident(key));
    if is("flatten") || is("skip") {
        return Vec::new();
    }
    let renamed = Rules::of(&field.attrs, "rename");
    let name = |given: Option<LitStr>, rule: Option<&LitStr>, is_read| Name {
        field,
        text: given.as_ref().map_or_else(|| by_rule(rule, &own_name(field)), LitStr::value),
        at: given,
        is_read,
    };
    let written = (!is("skip_serializing")).then(|| name(renamed.write, rules.write.as_ref(), false));
    let read = (!is("skip_deserializing")).then(|| name(renamed.read, rules.read.as_ref(), true));
    let aliases = metas.iter().filter(|meta| meta.path().is_ident("alias")).filter_map(value);
    let aliases = aliases.map(|alias| name(Some(alias), None, true));
    written.into_iter().chain(read).chain(aliases).collect()
}

/// What `key = "…"` says, or `key(serialize = "…", deserialize = "…")`.
struct Rules {
    write: Option<LitStr>,
    read: Option<LitStr>,
}

impl Rules {
    fn of(attributes: &[Attribute], key: &str) -> Self {
        let mut rules = Self { write: None, read: None };
        for meta in metas(attributes).iter().filter(|meta| meta.path().is_ident(key)) {
            let Meta::List(list) = meta else {
                let both = value(meta);
                return Self { write: both.clone(), read: both };
            };
            for meta in list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default() {
                match meta.path().get_ident().map(ToString::to_string).as_deref() {
                    Some("serialize") => rules.write = value(&meta),
                    Some("deserialize") => rules.read = value(&meta),
                    _ => {}
                }
            }
        }
        rules
    }
}

/// What stands in `#[serde(…)]`; nothing where it is not understood, which serde reports.
fn metas(attributes: &[Attribute]) -> Vec<Meta> {
    let serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    let parsed = serde.filter_map(|attribute| {
        let list = attribute.meta.require_list().ok()?;
        list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()
    });
    parsed.flatten().collect()
}

fn value(meta: &Meta) -> Option<LitStr> {
    match &meta.require_name_value().ok()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

/// A field's name under a rule of `rename_all`, as serde changes it.
fn by_rule(rule: Option<&LitStr>, name: &str) -> String {
    let pascal = || name.split('_').map(|word| capitalised(word, char::to_ascii_uppercase)).collect::<String>();
    match rule.map(LitStr::value).as_deref() {
        Some("PascalCase") => pascal(),
        Some("camelCase") => capitalised(&pascal(), char::to_ascii_lowercase),
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

fn capitalised(word: &str, first: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|letter| first(&letter)).into_iter().chain(letters).collect()
}
