//! What every derive asks of its item.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Data, DeriveInput, Field, Fields, GenericParam, Generics, Ident, LitStr, Member, Token, ext::IdentExt as _,
    parse_quote, punctuated::Punctuated,
};

use crate::{
    attr::{Attrs, Level},
    ctxt::Ctxt,
    symbol::{self, Symbol},
};

/// The fields of a struct. Anything else is refused already, and has none.
pub(super) fn fields(input: &DeriveInput) -> &Fields {
    match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(_) | Data::Union(_) => &Fields::Unit,
    }
}

/// Refuses generics, for the reason given.
pub(super) fn refuse_generics(cx: &Ctxt, input: &DeriveInput, what: &str, why: &str) {
    refuse_lifetimes(cx, input, what);
    let params = input.generics.params.iter().filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    let params: Punctuated<_, Token![,]> = params.collect();
    if !params.is_empty() {
        let help = "name the types, and derive it on a struct for each";
        cx.error_help(params, format!("{what} cannot be generic: {why}"), help);
    }
}

/// Refuses lifetimes: what is sent to a handler or kept in a store owns its data.
pub(super) fn refuse_lifetimes(cx: &Ctxt, input: &DeriveInput, what: &str) {
    for param in &input.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            let help = "hold a `String` instead of a `&str`, a `Vec` instead of a slice";
            cx.error_help(lifetime, format!("{what} owns its data, so it has no lifetime"), help);
        }
    }
}

/// The generics, with what every instance of the type is asked to be.
///
/// A type without parameters is asked where the trait is implemented for it, in words of its own.
pub(crate) fn bounded(generics: &Generics, bounds: &TokenStream) -> Generics {
    let mut generics = generics.clone();
    if !generics.params.is_empty() {
        generics.make_where_clause().predicates.push(parse_quote!(Self: #bounds));
    }
    generics
}

/// Every field with how it is named and what is written on it.
pub(super) fn with_attrs<'a>(cx: &Ctxt, fields: &'a Fields, level: &'static Level) -> Vec<(Member, &'a Field, Attrs)> {
    fields.members().zip(fields).map(|(member, field)| (member, field, Attrs::of_field(cx, field, level))).collect()
}

/// The one field that has the flag `key`; a second is refused, for the reason given.
pub(super) fn only_flagged<'m, 'a>(
    cx: &Ctxt,
    fields: &'m [(Member, &'a Field, Attrs)],
    key: Symbol,
    why: &str,
) -> Option<&'m (Member, &'a Field, Attrs)> {
    let mut flagged = fields.iter().filter(|(_, _, attrs)| attrs.given(key).is_some());
    let first = flagged.next()?;
    for (_, _, attrs) in flagged {
        cx.error_help(attrs.given(key), format!("a second field is marked `{key}`: {why}"), "remove one of the two");
    }
    Some(first)
}

/// The name given with `name = "…"`, or the type's own as words.
pub(super) fn name(cx: &Ctxt, attrs: &Attrs, ident: &Ident) -> String {
    match attrs.text(symbol::NAME) {
        Some(text) => stored_name(cx, text),
        None => own_stored_name(cx, ident, snake_case(ident)),
    }
}

/// The name that follows from a type's or a variant's own, which can be too long for one.
pub(super) fn own_stored_name(cx: &Ctxt, ident: &Ident, name: String) -> String {
    if name.len() > STORED_NAME {
        let help = "give it a short one: `#[cqrs(name = \"…\")]`";
        cx.error_help(
            ident,
            format!("a name has at most {STORED_NAME} bytes, and this one gives {}", name.len()),
            help,
        );
    }
    name
}

const STORED_NAME: usize = 200;

/// A name that is stored or sent: a short text without blanks and control characters.
pub(super) fn stored_name(cx: &Ctxt, text: &LitStr) -> String {
    let name = text.value();
    let unfit = |letter: char| letter.is_whitespace() || letter.is_control();
    if name.is_empty() || name.len() > STORED_NAME {
        cx.error_help(text, "a name has between 1 and 200 bytes", "give it a short one, or leave it out");
    } else if name.contains(unfit) {
        let help = format!("write `\"{}\"`", name.replace(unfit, "_"));
        cx.error_help(text, "a name has no blanks and no control characters", help);
    }
    name
}

/// A name that begins the names of streams or is a table's: `bank_account`.
pub(super) fn snake_name(cx: &Ctxt, text: &LitStr, what: &str) -> String {
    let name = text.value();
    if !is_snake_name(&name) {
        let words = snake(&name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_"));
        let words = words.trim_start_matches(|letter: char| !letter.is_ascii_lowercase()).trim_end_matches('_');
        let words: String = words.chars().take(48).collect();
        let help =
            if words.is_empty() { "write one like `bank_account`".to_owned() } else { format!("write `\"{words}\"`") };
        cx.error_help(text, format!("{what} {SNAKE_NAME}"), help);
    }
    name
}

/// The type's own name in that form, which not every type has.
pub(super) fn own_snake_name(cx: &Ctxt, ident: &Ident, what: &str) -> String {
    let name = snake_case(ident);
    if !is_snake_name(&name) {
        let help = "name it with `#[cqrs(name = \"…\")]`";
        cx.error_help(ident, format!("{what} {SNAKE_NAME}; `{name}` does not do"), help);
    }
    name
}

const SNAKE_NAME: &str = "has only small letters, digits and `_`, begins with a letter, and is at most 48 long";

fn is_snake_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && name.len() <= 48
}

/// `create_user` as `CreateUser`, if it is a name in that form.
pub(crate) fn pascal_case(name: &str) -> Option<String> {
    let mut begins = true;
    let letters = name.chars().filter_map(|letter| {
        let written = if begins { letter.to_ascii_uppercase() } else { letter };
        begins = letter == '_';
        (!begins).then_some(written)
    });
    is_snake_name(name).then(|| letters.collect())
}

/// `CreateUser` as `create_user`.
pub(crate) fn snake_case(ident: &Ident) -> String {
    snake(&ident.unraw().to_string())
}

pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::with_capacity(name.len() + 4);
    for (i, letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| letters[i]);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before != '_'
                    && (!before.is_uppercase() || letters.get(i + 1).is_some_and(|after| after.is_lowercase()))
            });
        if begins {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// The field as it would be declared with a key: `#[cqrs(id)] pub id: Uuid`.
pub(crate) fn marked(field: &Field, key: Symbol) -> String {
    let Field { vis, ident, ty, .. } = field;
    let name = ident.as_ref().map(|ident| format!("{ident}: ")).unwrap_or_default();
    let vis = text(vis);
    let space = if vis.is_empty() { "" } else { " " };
    format!("#[cqrs({key})] {vis}{space}{name}{}", text(ty))
}

/// Tokens as a person writes them, near enough.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    let tokens: TokenStream = tokens.into_token_stream();
    let mut text = tokens.to_string();
    for (spaced, tight) in [
        ("pub (", "pub("),
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" > ", ">"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}
