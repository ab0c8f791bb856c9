//! Reads attributes by a table of the keys that are allowed, and words every way to get them wrong, once.
//!
//! A macro lists its keys as a static [`Level`]; [`Attrs`] holds what the user wrote, of the form that the table asks for.

mod parse;
mod words;

use proc_macro2::TokenStream;
use syn::{Attribute, Field, Ident, LitInt, LitStr, Path, Type, parse::Parser as _};

pub(crate) use self::words::{listed, nearest, repeated};
use crate::{
    crate_path::CratePath,
    ctxt::Ctxt,
    symbol::{self, Symbol},
};

/// A place where an attribute may stand, with the keys that it may have there.
pub(crate) struct Level {
    /// The attribute's name: `cqrs`, or the attribute macro's.
    pub(crate) attribute: Symbol,
    /// What it stands on, with an article: `an event variant`.
    pub(crate) on: &'static str,
    /// The keys.
    pub(crate) keys: &'static [Key],
    /// Whether paths may stand before the keys, as in `#[on(Created, key = id)]`.
    pub(crate) paths: bool,
    /// The other places of the same macro, to tell a misplaced key from an unknown one.
    pub(crate) elsewhere: &'static [&'static Level],
}

/// A key, and what it takes.
pub(crate) struct Key {
    pub(crate) symbol: Symbol,
    pub(crate) form: Form,
    /// A use of it that compiles, shown where it is misused: `name = "user.created"`.
    pub(crate) example: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing: `skip`.
    Flag,
    /// A string literal: `name = "user.created"`.
    Text,
    /// A string literal, any number of times: `alias = "a", alias = "b"`.
    Texts,
    /// Nothing, or a string literal: `unique`, `unique = "email"`.
    FlagOrText,
    /// A name: `id = user_id`.
    Name,
    /// A path: `not_found = UserError::NotFound`.
    Path,
    /// A type: `result = Vec<UserView>`.
    Type,
    /// Paths in parentheses: `ignore(Created, Renamed)`.
    Paths,
    /// A whole number: `every = 100`.
    Number,
    /// Keys of its own in parentheses: `snapshot(every = 100)`.
    Keys,
}

pub(crate) enum Value {
    Flag,
    Text(LitStr),
    Name(Ident),
    Path(Path),
    Type(Box<Type>),
    Paths(Vec<Path>),
    Number(LitInt),
    Keys(TokenStream),
}

pub(crate) struct Entry {
    key: Symbol,
    ident: Ident,
    value: Value,
}

/// What the user wrote at one place.
pub(crate) struct Attrs {
    entries: Vec<Entry>,
    paths: Vec<Path>,
    /// The field that they stand on, if it has a name.
    field: Option<Ident>,
    /// Whether something could not be read, not even as what it was meant to be.
    lost: bool,
}

impl Attrs {
    /// Reads every attribute of the level's name among `attributes`.
    pub(crate) fn of(cx: &Ctxt, attributes: &[Attribute], level: &'static Level) -> Self {
        Self::of_subject(cx, attributes, level, None)
    }

    /// Reads every attribute of the level's name on `field`.
    pub(crate) fn of_field(cx: &Ctxt, field: &Field, level: &'static Level) -> Self {
        Self::of_subject(cx, &field.attrs, level, field.ident.clone())
    }

    fn of_subject(cx: &Ctxt, attributes: &[Attribute], level: &'static Level, field: Option<Ident>) -> Self {
        let mut attrs = Self { entries: Vec::new(), paths: Vec::new(), field, lost: false };
        for attribute in attributes.iter().filter(|attribute| *attribute.path() == level.attribute) {
            match attribute.meta.require_list() {
                Ok(list) => attrs.read(cx, list.tokens.clone(), level),
                Err(_) => {
                    attrs.lost = true;
                    cx.error_help(attribute, "expected keys in parentheses", format!("write {}", words::usage(level)));
                }
            }
        }
        attrs
    }

    /// Reads the arguments of an attribute macro.
    pub(crate) fn of_args(cx: &Ctxt, args: TokenStream, level: &'static Level) -> Self {
        let mut attrs = Self { entries: Vec::new(), paths: Vec::new(), field: None, lost: false };
        attrs.read(cx, args, level);
        attrs
    }

    fn read(&mut self, cx: &Ctxt, tokens: TokenStream, level: &'static Level) {
        let read = |input: syn::parse::ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = parse::entry(self, cx, input, level) {
                    self.lost = true;
                    cx.push(error);
                    parse::take_value(input);
                }
                parse::comma(cx, input);
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            cx.push(error);
        }
    }

    /// Whether all of it could be read, or what was meant; else what seems to be missing may be there.
    pub(crate) fn is_whole(&self) -> bool {
        !self.lost
    }

    /// The paths before the keys.
    pub(crate) fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Every key as the user wrote it.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Ident> {
        self.entries.iter().map(|entry| &entry.ident)
    }

    /// The key as the user wrote it, if it is there.
    pub(crate) fn given(&self, key: Symbol) -> Option<&Ident> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.ident)
    }

    /// The string of a key.
    pub(crate) fn text(&self, key: Symbol) -> Option<&LitStr> {
        self.texts(key).next()
    }

    /// All strings of a key that may be repeated.
    pub(crate) fn texts(&self, key: Symbol) -> impl Iterator<Item = &LitStr> {
        self.values(key).filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None })
    }

    /// The name that a key takes.
    pub(crate) fn name(&self, key: Symbol) -> Option<&Ident> {
        self.values(key).find_map(|value| if let Value::Name(name) = value { Some(name) } else { None })
    }

    /// The path that a key takes.
    pub(crate) fn path(&self, key: Symbol) -> Option<&Path> {
        self.values(key).find_map(|value| if let Value::Path(path) = value { Some(path) } else { None })
    }

    /// The type that a key takes.
    pub(crate) fn ty(&self, key: Symbol) -> Option<&Type> {
        self.values(key).find_map(|value| if let Value::Type(ty) = value { Some(&**ty) } else { None })
    }

    /// The paths that a key takes; none if it is not there.
    pub(crate) fn path_list(&self, key: Symbol) -> &[Path] {
        self.values(key)
            .find_map(|value| if let Value::Paths(paths) = value { Some(&**paths) } else { None })
            .unwrap_or(&[])
    }

    /// The number that a key takes.
    pub(crate) fn number(&self, key: Symbol) -> Option<&LitInt> {
        self.values(key).find_map(|value| if let Value::Number(number) = value { Some(number) } else { None })
    }

    /// What is in the parentheses of a key that takes keys of its own.
    pub(crate) fn keys(&self, key: Symbol) -> Option<&TokenStream> {
        self.values(key).find_map(|value| if let Value::Keys(keys) = value { Some(keys) } else { None })
    }

    /// What `crate = ::path` says.
    pub(crate) fn crate_path(&self) -> CratePath {
        CratePath(self.path(symbol::CRATE).cloned())
    }

    fn values(&self, key: Symbol) -> impl Iterator<Item = &Value> {
        self.entries.iter().filter(move |entry| entry.key == key).map(|entry| &entry.value)
    }
}
