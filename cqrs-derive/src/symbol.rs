//! Every attribute key, once.

use std::fmt;

/// The name of an attribute or of a key in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol(pub(crate) &'static str);

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl PartialEq<Symbol> for syn::Ident {
    fn eq(&self, symbol: &Symbol) -> bool {
        self == symbol.0
    }
}

impl PartialEq<Symbol> for syn::Path {
    fn eq(&self, symbol: &Symbol) -> bool {
        self.is_ident(symbol.0)
    }
}

macro_rules! symbols {
    ($($name:ident = $text:literal;)*) => {
        $(pub(crate) const $name: Symbol = Symbol($text);)*
    };
}

symbols! {
    AGGREGATE = "aggregate";
    ALIAS = "alias";
    ALREADY_EXISTS = "already_exists";
    BLOCK = "block";
    BLOCKS = "blocks";
    COMMAND_HANDLERS = "command_handlers";
    CQRS = "cqrs";
    CRATE = "crate";
    ERROR = "error";
    EVENT = "event";
    EVENTS = "events";
    EVERY = "every";
    HANDLE = "handle";
    ID = "id";
    ID_TYPE = "id_type";
    IGNORE = "ignore";
    INDEX = "index";
    KEY = "key";
    MODEL = "model";
    NAME = "name";
    NOT_FOUND = "not_found";
    ON = "on";
    OR_INSERT = "or_insert";
    PROJECTION = "projection";
    QUERY_HANDLERS = "query_handlers";
    RECORDED = "recorded";
    RELEASE = "release";
    RESULT = "result";
    SETUP = "setup";
    SKIP = "skip";
    SNAPSHOT = "snapshot";
    TAKEN = "taken";
    TRANSACTION = "transaction";
    UNIQUE = "unique";
    VERSION = "version";
}
