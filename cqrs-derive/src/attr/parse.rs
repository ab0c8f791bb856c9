//! One entry at a time: a mistake in one leaves the others readable.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Ident, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token,
};

use super::{Attrs, Entry, Form, Key, Level, Value, words};
use crate::ctxt::Ctxt;

/// Reads `key`, `key = value`, `key(values)` or, where allowed, a path.
pub(super) fn entry(attrs: &mut Attrs, cx: &Ctxt, input: ParseStream<'_>, level: &'static Level) -> syn::Result<()> {
    let ahead = input.fork();
    let Ok(ident) = Ident::parse_any(&ahead) else {
        let found = take_value(input);
        return Err(words::not_a_key(&found, level));
    };
    let known = level.keys.iter().find(|key| ident == key.symbol);
    let takes_value = ahead.peek(Token![=]) || ahead.peek(token::Paren);
    if level.paths && known.is_none() && !takes_value {
        attrs.paths.push(Path::parse_mod_style(input)?);
        return Ok(());
    }
    Ident::parse_any(input)?;
    let Some(key) = known else {
        return Err(words::unknown(&ident, level));
    };
    let value = value(input, key, &ident, level)?;
    if key.form != Form::Texts && attrs.given(key.symbol).is_some() {
        cx.push(words::repeated(&ident));
        return Ok(());
    }
    attrs.entries.push(Entry { key: key.symbol, ident, value });
    Ok(())
}

fn value(input: ParseStream<'_>, key: &Key, ident: &Ident, level: &Level) -> syn::Result<Value> {
    let bare = input.is_empty() || input.peek(Token![,]);
    match key.form {
        Form::Flag | Form::FlagOrText if bare => Ok(Value::Flag),
        Form::Flag => Err(words::takes_nothing(&take_value(input), key, level)),
        Form::Paths if input.peek(token::Paren) => {
            let list;
            syn::parenthesized!(list in input);
            let paths = Punctuated::<Path, Token![,]>::parse_terminated_with(&list, Path::parse_mod_style)?;
            Ok(Value::Paths(paths.into_iter().collect()))
        }
        _ if bare => Err(words::needs_value(ident, key)),
        Form::Paths => Err(words::wrong_value(&take_value(input), key)),
        _ if !input.peek(Token![=]) => Err(words::wrong_value(&take_value(input), key)),
        Form::Text | Form::Texts | Form::FlagOrText => one::<LitStr>(input, ident, key).map(Value::Text),
        Form::Name => one::<Ident>(input, ident, key).map(Value::Name),
        Form::Path => one::<ModPath>(input, ident, key).map(|path| Value::Path(path.0)),
        Form::Type => one(input, ident, key).map(Value::Type),
    }
}

/// The value behind `=`, whole: what follows it must be a comma.
fn one<T: Parse>(input: ParseStream<'_>, ident: &Ident, key: &Key) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(words::needs_value(ident, key));
    }
    let ahead = input.fork();
    if ahead.parse::<T>().is_ok() && (ahead.is_empty() || ahead.peek(Token![,])) {
        return input.parse();
    }
    Err(words::wrong_value(&take_value(input), key))
}

/// A path without arguments in parentheses: `UserError::NotFound`.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![<]) {
            return Err(input.error("expected a path"));
        }
        input.call(Path::parse).map(ModPath)
    }
}

/// The comma between two entries.
pub(super) fn comma(cx: &Ctxt, input: ParseStream<'_>) {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return;
    }
    cx.push(words::no_comma(&take_value(input)));
    let _ = input.parse::<Token![,]>();
}

/// Everything up to the next comma that is not between angle brackets.
pub(super) fn take_value(input: ParseStream<'_>) -> TokenStream {
    let (mut depth, mut arrow) = (0_u32, false);
    let mut taken = TokenStream::new();
    while !input.is_empty() && !(depth == 0 && input.peek(Token![,])) {
        let Ok(token) = input.parse::<TokenTree>() else { break };
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' if !arrow => depth = depth.saturating_sub(1),
                _ => {}
            }
            arrow = matches!(punct.as_char(), '-' | '=');
        }
        token.to_tokens(&mut taken);
    }
    taken
}

pub(super) fn skip_value(input: ParseStream<'_>) {
    take_value(input);
}
