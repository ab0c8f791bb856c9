//! What is said about a misused key.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Ident, LitStr, Path};

use super::{Form, Key, Level, Value};
use crate::{
    ctxt::{Ctxt, worded},
    model::item,
    symbol,
};

/// Words that people bring from elsewhere, and ours for the same.
const SYNONYMS: &[(&str, &str)] = &[
    ("aggregate_id", "id"),
    ("err", "error"),
    ("event_type", "name"),
    ("for", "event"),
    ("from", "event"),
    ("id", "key"),
    ("indexed", "index"),
    ("key_field", "key"),
    ("on", "event"),
    ("output", "result"),
    ("primary_key", "key"),
    ("read_model", "model"),
    ("rename", "name"),
    ("response", "result"),
    ("returns", "result"),
    ("table", "name"),
    ("type_name", "name"),
    ("view", "model"),
];

const VERSION: &str = "remove it; what changes gets a variant of its own, or a field with `#[serde(default)]`";

/// Keys that people bring from elsewhere, where they would stand, and what is written here for the same.
const ADVICE: &[(&str, &[&str], &str)] = &[
    (
        "`#[aggregate]`",
        &["command", "commands"],
        "remove it; a command names its aggregate, with `#[cqrs(aggregate = …)]`, and its handler takes it",
    ),
    (
        "`#[aggregate]`",
        &["id", "id_type", "name", "aggregate_type"],
        "remove it; the events say it, with `#[cqrs(aggregate = \"user\", id = id)]` on their enum",
    ),
    (
        "`#[aggregate]`",
        &["service", "services"],
        "remove it; a handler that needs services stands in a `#[command_handlers]` block of theirs",
    ),
    ("`#[aggregate]`", &["exists"], "write `already_exists = …`, with a variant of the error that takes the id"),
    ("`#[aggregate]`", &["state"], "remove it; the state is the type of this `impl`"),
    ("`#[aggregate]`", &["snapshot_every", "snapshot_after"], "write `snapshot(every = 100)`"),
    (
        "`#[aggregate]`",
        &["ignore_rest", "ignore_unknown", "ignore_others"],
        "name what changes nothing: `ignore(Viewed, Exported)`",
    ),
    ("`#[projection]`", &["aggregate"], "write the aggregate's events: `event = UserEvent`"),
    ("`#[projection]`", &["model", "read_model", "view"], "remove it; the read model is the type of this `impl`"),
    ("`#[projection]`", &["error"], "remove it; a query says its own, with `#[cqrs(error = …)]`"),
    (
        "`#[projection]`",
        &["not_found"],
        "remove it; what a row that is missing means is said by the `#[handle]` that looks for it",
    ),
    ("a command", &["identity", "id_field", "stream"], "mark the field: `#[cqrs(id)]` before it"),
    ("a command", &["prefix"], "remove it; aggregates of different kinds may have the same ids"),
    ("an event enum", &["version"], VERSION),
    ("an event variant", &["version"], VERSION),
    (
        "a read model",
        &["column", "columns", "fields"],
        "mark each field that is searched by: `#[cqrs(index)]` before it",
    ),
];

fn error(at: impl ToTokens, problem: &str, help: &str) -> syn::Error {
    syn::Error::new_spanned(at, worded(problem, help))
}

/// Reports an unknown key; the key that was meant, if that is plain. `field` is what the key may be about.
pub(super) fn unknown(cx: &Ctxt, ident: &Ident, level: &'static Level, field: Option<&Ident>) -> Option<&'static Key> {
    let keys = level.elsewhere.iter().flat_map(|other| other.keys.iter().map(move |key| (other, key)));
    if let Some((other, key)) = keys.into_iter().find(|(_, key)| *ident == key.symbol) {
        let problem = format!("`{ident}` is a key of {}, not of {}", other.on, level.on);
        let help = match field.filter(|_| key.form == Form::Paths) {
            Some(field) => {
                let place = other.on.rsplit(' ').next().unwrap_or(other.on);
                format!("write `#[{}({ident}({field}))]` before the {place}", other.attribute)
            }
            None if matches!(key.form, Form::Flag | Form::FlagOrText) && other.on.starts_with("a field") => {
                format!("write `#[{}({ident})]` before the field; here {}", other.attribute, allowed(level))
            }
            None => format!("move it there; here {}", allowed(level)),
        };
        cx.error_help(ident, problem, help);
        cx.misplace(key.symbol);
        return None;
    }
    let word = ident.to_string();
    let advice = ADVICE.iter().find(|(on, words, _)| *on == level.on && words.contains(&&*word));
    if let Some((_, _, help)) = advice {
        cx.error_help(ident, format!("`{ident}` is not a key of {}", level.on), help);
        return None;
    }
    let named = |name: &str| level.keys.iter().find(|key| key.symbol.0 == name);
    let synonym = SYNONYMS.iter().find(|(theirs, _)| *theirs == word).and_then(|(_, ours)| named(ours));
    let meant = synonym.or_else(|| named(nearest(&word, level.keys.iter().map(|key| key.symbol.0))?));
    // Types begin with a capital letter, keys do not.
    let typed = named(symbol::EVENT.0).filter(|_| word.starts_with(char::is_uppercase));
    let help = match (meant, typed) {
        (Some(meant), _) => format!("did you mean `{}`? Here {}", meant.symbol, allowed(level)),
        (None, Some(key)) => format!("write `{} = {ident}`", key.symbol),
        (None, None) => instead(level),
    };
    cx.error_help(ident, format!("`{ident}` is not a key of {}", level.on), help);
    meant
}

pub(super) fn not_a_key(found: &TokenStream, level: &Level) -> syn::Error {
    // A string alone is the value of the key that takes one.
    let text = syn::parse2::<LitStr>(found.clone()).ok();
    let key = text.as_ref().and_then(|_| level.keys.iter().find(|key| key.form == Form::Text));
    let help = match (text, key) {
        (Some(text), Some(key)) => format!("write `{} = {}`", key.symbol, text.token()),
        _ => instead(level),
    };
    error(found, &format!("expected a key of {}", level.on), &help)
}

pub(super) fn quoted_path(found: &TokenStream, path: &Path, level: &Level) -> syn::Error {
    let help = format!("write `#[{}({})]`, without quotes", level.attribute, item::text(path));
    error(found, "an event is named by its variant, not by a string", &help)
}

pub(crate) fn repeated(ident: &Ident) -> syn::Error {
    error(ident, &format!("`{ident}` is given twice"), "remove one of the two")
}

pub(super) fn no_comma(found: &TokenStream) -> syn::Error {
    syn::Error::new_spanned(found, "expected a comma before this")
}

pub(super) fn takes_nothing(found: &TokenStream, key: &Key, level: &Level) -> syn::Error {
    let (key, attribute) = (key.symbol, level.attribute);
    error(found, &format!("`{key}` takes no value on {}", level.on), &format!("write `#[{attribute}({key})]`"))
}

pub(super) fn needs_value(ident: &Ident, key: &Key) -> syn::Error {
    error(ident, &format!("`{}` needs a value: {}", key.symbol, takes(key)), &format!("write `{}`", key.example))
}

pub(super) fn wrong_value(at: &TokenStream, key: &Key, meant: Option<&Value>) -> syn::Error {
    let value = match meant {
        Some(Value::Text(text)) => format!(" = {}", text.token()),
        Some(Value::Name(name)) => format!(" = {name}"),
        Some(Value::Path(path)) => format!(" = {}", item::text(path)),
        Some(Value::Type(ty)) => format!(" = {}", item::text(ty)),
        Some(Value::Number(number)) => format!(" = {number}"),
        Some(Value::Paths(paths)) => {
            let paths: Vec<_> = paths.iter().map(item::text).collect();
            format!("({})", paths.join(", "))
        }
        Some(Value::Flag | Value::Keys(_)) | None => String::new(),
    };
    // `aggregate = "user"` is the stored name of a type.
    let named =
        || item::pascal_case(&syn::parse2::<LitStr>(at.clone()).ok()?.value()).filter(|_| key.form == Form::Type);
    let value = if value.is_empty() { named().map_or(value, |name| format!(" = {name}")) } else { value };
    let help = if value.is_empty() { key.example.to_owned() } else { format!("{}{value}", key.symbol) };
    // A variant with named fields, as rustc proposes it where its path alone is given.
    let fields = at
        .clone()
        .into_iter()
        .last()
        .filter(|last| matches!(last, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace));
    if let (Form::Path, Some(_)) = (key.form, fields) {
        let problem = format!("`{}` takes a path, and no fields", key.symbol);
        return error(at, &problem, "name a function that makes it of the one value that it takes");
    }
    let quoted =
        !matches!(key.form, Form::Text | Form::Texts | Form::FlagOrText) && syn::parse2::<LitStr>(at.clone()).is_ok();
    let found = if quoted { ", not a string" } else { "" };
    error(at, &format!("`{}` takes {}{found}", key.symbol, takes(key)), &format!("write `{help}`"))
}

/// The form an attribute of this level has, with one of its keys.
pub(super) fn usage(level: &Level) -> String {
    let example = level.keys.first().map_or("…", |key| key.example);
    format!("`#[{}({example})]`", level.attribute)
}

fn takes(key: &Key) -> &'static str {
    match key.form {
        Form::Flag => "no value",
        Form::Text | Form::Texts => "a string literal",
        Form::FlagOrText => "no value or a string literal",
        Form::Name => "the name of a field",
        Form::Path => "a path",
        Form::Type => "a type",
        Form::Paths => "names in parentheses",
        Form::Number => "a whole number",
        Form::Keys => "keys in parentheses",
    }
}

/// What may be written where no key was found.
fn instead(level: &Level) -> String {
    match (level.paths, level.keys) {
        (false, _) => format!("here {}", allowed(level)),
        (true, []) => "name the variant alone, without a key: `#[on(Created)]`".to_owned(),
        (true, _) => format!("name the variant as in `#[on(Created)]`; behind it {}", allowed(level)),
    }
}

/// The keys of a level, as the end of a help.
fn allowed(level: &Level) -> String {
    match level.keys {
        [] => "no key is allowed".to_owned(),
        [key] => format!("only `{}` is allowed", key.symbol),
        keys => format!("the keys are {}", listed(keys.iter().map(|key| key.symbol.0))),
    }
}

/// Names in backticks, separated by commas.
pub(crate) fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}

/// The candidate that `word` is most likely a misspelling of.
pub(crate) fn nearest<T: AsRef<str>>(word: &str, candidates: impl IntoIterator<Item = T>) -> Option<T> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.as_ref().to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for i in 0..=left.len() {
        for j in 0..=right.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
                let swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                let best = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if swapped { best.min(rows[i - 2][j - 2] + 1) } else { best }
            };
        }
    }
    rows[left.len()][right.len()]
}
