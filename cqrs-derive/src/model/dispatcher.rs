//! `#[derive(Dispatcher)]`.

use quote::quote;
use syn::{DeriveInput, Generics, Ident, Member, Type};

use super::item;
use crate::{
    attr::{Attrs, Form, Key, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    symbol,
};

static CONTAINER: Level = Level {
    attribute: symbol::CQRS,
    on: "a dispatcher",
    keys: &[Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" }],
    paths: false,
    elsewhere: &[&FIELD],
};

static FIELD: Level = Level {
    attribute: symbol::CQRS,
    on: "a field of a dispatcher",
    keys: &[Key { symbol: symbol::SKIP, form: Form::Flag, example: "skip" }],
    paths: false,
    elsewhere: &[&CONTAINER],
};

pub(crate) struct Dispatcher<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) crate_path: CratePath,
    /// The fields that are asked, without those to be skipped.
    pub(crate) fields: Vec<(Member, &'a Type)>,
}

impl<'a> Dispatcher<'a> {
    /// The generics; what has type parameters is reported, and what else is wrong with it is not worth a word.
    pub(crate) fn bounded_generics(&self) -> Generics {
        match self.generics.type_params().next() {
            Some(_) => item::bounded(self.generics, &quote!(__cqrs::core::marker::Send + __cqrs::core::marker::Sync)),
            None => self.generics.clone(),
        }
    }

    pub(crate) fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        if let Some(param) = input.generics.type_params().next() {
            let problem = "a dispatcher has no type parameters: what its fields handle by name is settled here";
            cx.error_help(param, problem, "name the type");
        }
        let attrs = Attrs::of(cx, &input.attrs, &CONTAINER);
        let fields = item::with_attrs(cx, item::fields(input), &FIELD);
        let asked = fields.iter().filter(|(_, _, attrs)| attrs.given(symbol::SKIP).is_none());
        Self {
            ident: &input.ident,
            generics: &input.generics,
            crate_path: attrs.crate_path(),
            fields: asked.map(|(member, field, _)| (member.clone(), &field.ty)).collect(),
        }
    }
}
