//! `#[derive(Query)]`.

use syn::{DeriveInput, Generics, Ident, Type};

use super::item;
use crate::{
    attr::{Attrs, Form, Key, Level},
    check::query as check,
    crate_path::CratePath,
    ctxt::Ctxt,
    symbol,
};

static CONTAINER: Level = Level {
    attribute: symbol::CQRS,
    on: "a query",
    keys: &[
        Key { symbol: symbol::MODEL, form: Form::Type, example: "model = UserView" },
        Key { symbol: symbol::RESULT, form: Form::Type, example: "result = Vec<UserView>" },
        Key { symbol: symbol::ERROR, form: Form::Type, example: "error = UserQueryError" },
        Key { symbol: symbol::NAME, form: Form::Text, example: "name = \"get_user_by_id\"" },
        Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" },
    ],
    paths: false,
    elsewhere: &[],
};

static FIELD: Level =
    Level { attribute: symbol::CQRS, on: "a field of a query", keys: &[], paths: false, elsewhere: &[&CONTAINER] };

pub(crate) struct Query<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) crate_path: CratePath,
    pub(crate) name: String,
    pub(crate) model: Option<Type>,
    pub(crate) result: Option<Type>,
    pub(crate) error: Option<Type>,
}

impl<'a> Query<'a> {
    pub(crate) fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        item::with_attrs(cx, item::fields(input), &FIELD);
        item::refuse_lifetimes(cx, input, "a query");
        let attrs = Attrs::of(cx, &input.attrs, &CONTAINER);
        Self {
            ident: &input.ident,
            generics: &input.generics,
            crate_path: attrs.crate_path(),
            name: item::name(cx, &attrs, &input.ident),
            model: attrs.ty(symbol::MODEL).cloned(),
            result: attrs
                .ty(symbol::RESULT)
                .cloned()
                .or_else(|| check::missing_result(cx, input, attrs.ty(symbol::MODEL))),
            error: attrs.ty(symbol::ERROR).cloned(),
        }
    }
}
