//! `#[derive(ReadModel)]`.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, DeriveInput, Fields, Generics, Ident, Type, Visibility, ext::IdentExt as _};

use super::{item, serde_attrs, serde_names, shape::Shape};
use crate::{
    attr::{Attrs, Form, Key, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    symbol,
};

static CONTAINER: Level = Level {
    attribute: symbol::CQRS,
    on: "a read model",
    keys: &[
        Key { symbol: symbol::NAME, form: Form::Text, example: "name = \"users\"" },
        Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" },
    ],
    paths: false,
    elsewhere: &[&FIELD],
};

static FIELD: Level = Level {
    attribute: symbol::CQRS,
    on: "a field of a read model",
    keys: &[
        Key { symbol: symbol::KEY, form: Form::Flag, example: "key" },
        Key { symbol: symbol::INDEX, form: Form::Flag, example: "index" },
    ],
    paths: false,
    elsewhere: &[&CONTAINER],
};

pub(crate) struct ReadModel<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) crate_path: CratePath,
    pub(crate) name: String,
    pub(crate) shape: u64,
    /// The type of what is marked as the key.
    pub(crate) key_type: Option<&'a Type>,
    /// Whether it could not be read as a whole: then nothing is asked of the type.
    pub(crate) is_stub: bool,
    /// The fields that have names.
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) source: &'a syn::Field,
    pub(crate) ident: &'a Ident,
    pub(crate) vis: &'a Visibility,
    pub(crate) ty: &'a Type,
    pub(crate) attrs: Attrs,
}

impl Field<'_> {
    pub(crate) fn is_key(&self) -> bool {
        self.attrs.given(symbol::KEY).is_some()
    }

    /// The constant by which queries name its column.
    pub(crate) fn constant(&self) -> String {
        self.name().to_uppercase()
    }

    pub(crate) fn is_indexed(&self) -> bool {
        self.attrs.given(symbol::INDEX).is_some()
    }

    /// Its name in the schema.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl<'a> ReadModel<'a> {
    pub(crate) fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let source = item::fields(input);
        if let Fields::Unnamed(_) | Fields::Unit = source {
            let help = "write `struct Name { #[cqrs(key)] id: …, … }`";
            cx.error_help(&input.ident, "a read model has named fields: its columns are called by them", help);
        }
        item::refuse_generics(cx, input, "a read model", "it is one table of one shape");
        let attrs = Attrs::of(cx, &input.attrs, &CONTAINER);
        let name = match attrs.text(symbol::NAME) {
            Some(text) => item::snake_name(cx, text, "the name of a read model"),
            None => item::own_snake_name(cx, &input.ident, "the name of a read model"),
        };
        let source: Vec<_> = item::with_attrs(cx, source, &FIELD);
        let key_type = source.iter().find(|(.., attrs)| attrs.given(symbol::KEY).is_some()).map(|(_, key, _)| &key.ty);
        let named = source.into_iter().filter_map(|(_, source, attrs)| {
            Some(Field { source, ident: source.ident.as_ref()?, vis: &source.vis, ty: &source.ty, attrs })
        });
        let fields: Vec<_> = named.collect();
        for field in fields.iter().filter(|field| field.is_key() || field.is_indexed()) {
            serde_attrs::check_column(cx, field.source);
        }
        serde_names::check_struct(cx, input, fields.iter().map(|field| field.source));
        let shape = shape(input, &fields);
        let (ident, generics) = (&input.ident, &input.generics);
        Self { ident, generics, crate_path: attrs.crate_path(), name, shape, key_type, is_stub: cx.is_unsaid(), fields }
    }

    /// The field that identifies a row.
    pub(crate) fn key(&self) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.is_key())
    }

    /// The field that most likely is the key, where none is marked.
    pub(crate) fn likely_key(&self) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| *field.ident == "id").or_else(|| self.fields.first())
    }

    /// The key, then every indexed field: the columns in their order.
    pub(crate) fn columns(&self) -> Vec<&Field<'a>> {
        let indexed = self.fields.iter().filter(|field| field.is_indexed() && !field.is_key());
        self.key().into_iter().chain(indexed).collect()
    }
}

fn shape(input: &DeriveInput, fields: &[Field<'_>]) -> u64 {
    let mut shape = Shape::new();
    shape.add(serde_attributes(&input.attrs));
    for field in fields {
        shape.add(serde_attributes(&field.source.attrs));
        shape.add_text(if field.is_key() {
            "key"
        } else if field.is_indexed() {
            "index"
        } else {
            "field"
        });
        shape.add_text(&field.name());
        shape.add(field.ty.to_token_stream());
    }
    shape.hash()
}

fn serde_attributes(attributes: &[Attribute]) -> TokenStream {
    let serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    serde.map(|attribute| attribute.meta.to_token_stream()).collect()
}
