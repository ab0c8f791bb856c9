//! One entry at a time: a mistake in one leaves the others readable.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Ident, LitInt, LitStr, Path, PathArguments, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
    punctuated::Punctuated,
    token,
};

use super::{Attrs, Entry, Form, Key, Level, Value, words};
use crate::{ctxt::Ctxt, model::item};

/// Reads `key`, `key = value`, `key(values)` or, where allowed, a path.
pub(super) fn entry(attrs: &mut Attrs, cx: &Ctxt, input: ParseStream<'_>, level: &'static Level) -> syn::Result<()> {
    let ahead = input.fork();
    if input.peek(Token![,]) {
        return Err(words::not_a_key(&input.cursor().token_stream().into_iter().take(1).collect(), level));
    }
    let Ok(ident) = Ident::parse_any(&ahead) else {
        let found = take_value(input);
        let quoted = syn::parse2::<LitStr>(found.clone()).ok().filter(|_| level.paths);
        let Some(path) = quoted.and_then(|text| text.parse_with(Path::parse_mod_style).ok()) else {
            return Err(words::not_a_key(&found, level));
        };
        cx.push(words::quoted_path(&found, &path, level));
        attrs.paths.push(path);
        return Ok(());
    };
    let known = level.keys.iter().find(|key| ident == key.symbol);
    let takes_value = ahead.peek(Token![=]) || ahead.peek(token::Paren);
    if level.paths && known.is_none() && !takes_value {
        attrs.paths.push(Path::parse_mod_style(input)?);
        return Ok(());
    }
    Ident::parse_any(input)?;
    let Some(key) = known else {
        // Read as what was meant, so that nothing else seems to be missing.
        if let Some(meant) = words::unknown(cx, &ident, level, attrs.field.as_ref().filter(|_| !takes_value)) {
            let value = value(input, meant, &ident, level).or_else(|mistake| mistake.meant.ok_or(mistake.error));
            attrs.lost |= value.is_err();
            attrs.entries.extend(value.ok().map(|value| Entry { key: meant.symbol, ident, value }));
        } else {
            attrs.lost = true;
        }
        take_value(input);
        return Ok(());
    };
    let value = value(input, key, &ident, level).or_else(|mistake| {
        cx.push(mistake.error.clone());
        mistake.meant.ok_or(())
    });
    let Ok(value) = value else {
        attrs.lost = true;
        take_value(input);
        // A block whose number cannot be read is a further one all the same.
        if key.form == Form::Number {
            attrs.entries.push(Entry { key: key.symbol, ident, value: Value::Flag });
        }
        return Ok(());
    };
    if key.form != Form::Texts && attrs.given(key.symbol).is_some() {
        cx.push(words::repeated(&ident));
        return Ok(());
    }
    attrs.entries.push(Entry { key: key.symbol, ident, value });
    Ok(())
}

/// A value of the wrong kind, and what was meant by it, if that is plain.
struct Mistake {
    error: syn::Error,
    meant: Option<Value>,
}

impl From<syn::Error> for Mistake {
    fn from(error: syn::Error) -> Self {
        Self { error, meant: None }
    }
}

fn value(input: ParseStream<'_>, key: &Key, ident: &Ident, level: &Level) -> Result<Value, Mistake> {
    let bare = input.is_empty() || input.peek(Token![,]);
    match key.form {
        Form::Flag | Form::FlagOrText if bare => Ok(Value::Flag),
        Form::Flag => {
            Err(Mistake { error: words::takes_nothing(&take_value(input), key, level), meant: Some(Value::Flag) })
        }
        Form::Paths if input.peek(token::Paren) => path_list(input, key),
        Form::Keys if input.peek(token::Paren) => Ok(Value::Keys(input.parse::<Group>()?.stream())),
        _ if bare => Err(words::needs_value(ident, key).into()),
        Form::Paths | Form::Keys => Err(wrong(input, key)),
        _ if !input.peek(Token![=]) => Err(wrong(input, key)),
        Form::Text | Form::Texts | Form::FlagOrText => one::<LitStr>(input, ident, key).map(Value::Text),
        Form::Name => one::<Ident>(input, ident, key).map(Value::Name),
        Form::Path => one::<ModPath>(input, ident, key).map(|path| Value::Path(path.0)),
        Form::Type => one(input, ident, key).map(|ty| Value::Type(Box::new(ty))),
        Form::Number => one::<LitInt>(input, ident, key).map(Value::Number),
    }
}

fn path_list(input: ParseStream<'_>, key: &Key) -> Result<Value, Mistake> {
    let group: Group = input.parse()?;
    let paths = Punctuated::<Path, Token![,]>::parse_terminated.parse2(group.stream());
    let paths = paths.ok().filter(|paths| !paths.is_empty());
    paths.map(|paths| Value::Paths(paths.into_iter().map(as_expression).collect())).ok_or_else(|| {
        let found = if group.stream().is_empty() { group.to_token_stream() } else { group.stream() };
        Mistake { error: words::wrong_value(&found, key, None), meant: None }
    })
}

/// The value behind `=`, whole: what follows it must be a comma.
fn one<T: Parse>(input: ParseStream<'_>, ident: &Ident, key: &Key) -> Result<T, Mistake> {
    let ahead = input.fork();
    ahead.parse::<Token![=]>()?;
    if ahead.is_empty() || ahead.peek(Token![,]) {
        input.parse::<Token![=]>()?;
        return Err(words::needs_value(ident, key).into());
    }
    // A word behind the value is the next key, and what is missing is the comma.
    if ahead.parse::<T>().is_ok() && (ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(Ident::peek_any)) {
        input.parse::<Token![=]>()?;
        return Ok(input.parse()?);
    }
    Err(wrong(input, key))
}

fn wrong(input: ParseStream<'_>, key: &Key) -> Mistake {
    let found = take_value(input);
    let mut value = found.clone().into_iter().peekable();
    value.next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '='));
    let value: TokenStream = value.collect();
    let meant = meant(&value, key);
    let at = if value.is_empty() { found } else { value };
    Mistake { error: words::wrong_value(&at, key, meant.as_ref()), meant }
}

/// Types in small letters.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
    "usize",
];

/// What was meant by a value of the wrong kind: quotes too many or too few, or parentheses.
fn meant(value: &TokenStream, key: &Key) -> Option<Value> {
    let quoted = || syn::parse2::<LitStr>(value.clone()).ok();
    match key.form {
        Form::Text | Form::Texts | Form::FlagOrText => {
            let Ok(word) = syn::parse2::<Ident>(unwrapped(value)) else {
                return (key.form == Form::FlagOrText).then_some(Value::Flag);
            };
            // Every stored name is in small letters: `aggregate = User` means `aggregate = "user"`.
            Some(Value::Text(LitStr::new(&item::snake_case(&word), word.span())))
        }
        Form::Name => quoted()?.parse().ok().map(Value::Name),
        Form::Path => match quoted() {
            Some(text) => text.parse().ok(),
            None => paths(value).and_then(|mut paths| paths.pop().filter(|_| paths.is_empty())),
        }
        .map(Value::Path),
        // A type of the user's begins with a capital letter; `aggregate = "user"` is the stored name, not the type.
        Form::Type => quoted()
            .filter(|text| text.value().starts_with(char::is_uppercase) || PRIMITIVES.contains(&text.value().as_str()))?
            .parse()
            .ok()
            .map(|ty| Value::Type(Box::new(ty))),
        Form::Number => quoted()?.parse().ok().map(Value::Number),
        Form::Paths => paths(value).map(Value::Paths),
        Form::Flag | Form::Keys => None,
    }
}

/// The paths in a list of another kind, `[A, B]`, or one alone.
fn paths(value: &TokenStream) -> Option<Vec<Path>> {
    let paths = Punctuated::<Path, Token![,]>::parse_terminated.parse2(unwrapped(value)).ok()?;
    (!paths.is_empty()).then(|| paths.into_iter().collect())
}

/// What is in parentheses or brackets, if that is all there is.
fn unwrapped(value: &TokenStream) -> TokenStream {
    let mut trees = value.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) => group.stream(),
        _ => value.clone(),
    }
}

/// A path without arguments in parentheses: `UserError::NotFound`.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![<]) {
            return Err(input.error("expected a path"));
        }
        input.call(Path::parse).map(|path| ModPath(as_expression(path)))
    }
}

/// `Changed<u8>` as `Changed::<u8>`, which is the same type, and may stand in patterns and before `::Variant`.
fn as_expression(mut path: Path) -> Path {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert(Token![::](arguments.lt_token.span));
        }
    }
    path
}

/// The comma between two entries.
pub(super) fn comma(cx: &Ctxt, input: ParseStream<'_>) {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return;
    }
    cx.push(words::no_comma(&input.cursor().token_stream().into_iter().take(1).collect()));
    // A word begins the next entry; anything else is left out.
    if !input.peek(Ident::peek_any) {
        take_value(input);
        let _ = input.parse::<Token![,]>();
    }
}

/// Everything up to the next comma that is not between angle brackets.
pub(super) fn take_value(input: ParseStream<'_>) -> TokenStream {
    let (mut depth, mut arrow) = (0_u32, false);
    let mut taken = TokenStream::new();
    while !(input.is_empty() || depth == 0 && input.peek(Token![,])) {
        let Ok(next) = input.parse::<TokenTree>() else { break };
        if let TokenTree::Punct(punct) = &next {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !arrow => depth = depth.saturating_sub(1),
                _ => {}
            }
            arrow = matches!(punct.as_char(), '-' | '=');
        }
        next.to_tokens(&mut taken);
    }
    taken
}
