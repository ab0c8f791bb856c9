//! `#[derive(Command)]`.

use syn::{DeriveInput, Field, Generics, Ident, Member, Type};

use super::item;
use crate::{
    attr::{Attrs, Form, Key, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    symbol,
};

static CONTAINER: Level = Level {
    attribute: symbol::CQRS,
    on: "a command",
    keys: &[
        Key { symbol: symbol::AGGREGATE, form: Form::Type, example: "aggregate = User" },
        Key { symbol: symbol::RESULT, form: Form::Type, example: "result = Uuid" },
        Key { symbol: symbol::ERROR, form: Form::Type, example: "error = RegistrationError" },
        Key { symbol: symbol::NAME, form: Form::Text, example: "name = \"create_user\"" },
        Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" },
    ],
    paths: false,
    elsewhere: &[&FIELD],
};

static FIELD: Level = Level {
    attribute: symbol::CQRS,
    on: "a field of a command",
    keys: &[Key { symbol: symbol::ID, form: Form::Flag, example: "id" }],
    paths: false,
    elsewhere: &[&CONTAINER],
};

pub(crate) struct Command<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attrs: Attrs,
    pub(crate) crate_path: CratePath,
    pub(crate) name: String,
    pub(crate) result: Option<Type>,
    pub(crate) error: Option<Type>,
    pub(crate) aggregate: Option<Type>,
    /// The field that holds the aggregate's id.
    pub(crate) id: Option<(Member, &'a Field)>,
    pub(crate) fields: Vec<(Member, &'a Field, Attrs)>,
}

/// What a command does not say whole. That is reported.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// What its id is one of.
    Aggregate,
    /// Perhaps its result.
    Result,
}

impl<'a> Command<'a> {
    pub(crate) fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        item::refuse_lifetimes(cx, input, "a command");
        let attrs = Attrs::of(cx, &input.attrs, &CONTAINER);
        let fields = item::with_attrs(cx, item::fields(input), &FIELD);
        let id = item::only_flagged(cx, &fields, symbol::ID, "a command is about one aggregate");
        Self {
            ident: &input.ident,
            generics: &input.generics,
            crate_path: attrs.crate_path(),
            name: item::name(cx, &attrs, &input.ident),
            result: attrs.ty(symbol::RESULT).cloned(),
            error: attrs.ty(symbol::ERROR).cloned(),
            aggregate: attrs.ty(symbol::AGGREGATE).cloned(),
            id: id.map(|(member, field, _)| (member.clone(), *field)),
            attrs,
            fields,
        }
    }

    /// What is not known of it, though it is said in part.
    pub(crate) fn lacks(&self) -> Option<Lack> {
        if self.aggregate.is_none() && self.id.is_some() {
            return Some(Lack::Aggregate);
        }
        let result = self.result.is_none() && !self.attrs.is_whole() && self.generics.params.is_empty();
        result.then_some(Lack::Result)
    }

    /// The field that most likely is the aggregate's id, where none is marked.
    pub(crate) fn likely_id(&self) -> Option<&'a Field> {
        let named = |name: &str| {
            self.fields.iter().find(|(_, field, _)| field.ident.as_ref().is_some_and(|ident| ident == name))
        };
        let aggregate = self.aggregate.as_ref().and_then(|ty| match ty {
            Type::Path(path) => path.path.segments.last().map(|last| item::snake_case(&last.ident)),
            _ => None,
        });
        aggregate
            .and_then(|aggregate| named(&format!("{aggregate}_id")))
            .or_else(|| named("id"))
            .or_else(|| self.fields.first())
            .map(|(_, field, _)| *field)
    }
}
