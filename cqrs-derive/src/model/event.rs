//! `#[derive(Event)]`.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{Data, DeriveInput, Fields, Generics, LitStr, Member, Path, Type, ext::IdentExt as _};

use super::item;
use crate::{
    attr::{Attrs, Form, Key, Level, listed, nearest},
    crate_path::CratePath,
    ctxt::Ctxt,
    symbol,
};

static CONTAINER: Level = Level {
    attribute: symbol::CQRS,
    on: "an event enum",
    keys: &[
        Key { symbol: symbol::AGGREGATE, form: Form::Text, example: "aggregate = \"user\"" },
        Key { symbol: symbol::ID, form: Form::Name, example: "id = user_id" },
        Key { symbol: symbol::ID_TYPE, form: Form::Type, example: "id_type = Uuid" },
        Key { symbol: symbol::CRATE, form: Form::Path, example: "crate = ::cqrs" },
    ],
    paths: false,
    elsewhere: &[&VARIANT, &FIELD],
};

static VARIANT: Level = Level {
    attribute: symbol::CQRS,
    on: "an event variant",
    keys: &[
        Key { symbol: symbol::NAME, form: Form::Text, example: "name = \"user.created\"" },
        Key { symbol: symbol::ALIAS, form: Form::Texts, example: "alias = \"user.registered\"" },
        Key { symbol: symbol::ID, form: Form::Name, example: "id = user_id" },
        Key { symbol: symbol::RELEASE, form: Form::Paths, example: "release(email)" },
    ],
    paths: false,
    elsewhere: &[&CONTAINER, &FIELD],
};

static FIELD: Level = Level {
    attribute: symbol::CQRS,
    on: "a field of an event",
    keys: &[
        Key { symbol: symbol::ID, form: Form::Flag, example: "id" },
        Key { symbol: symbol::UNIQUE, form: Form::FlagOrText, example: "unique = \"email\"" },
        Key { symbol: symbol::TAKEN, form: Form::Path, example: "taken = UserError::EmailTaken" },
    ],
    paths: false,
    elsewhere: &[&VARIANT, &CONTAINER],
};

pub(crate) struct Event<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) crate_path: CratePath,
    /// The name of the aggregate; `None` where it is missing.
    pub(crate) aggregate: Option<String>,
    /// The field that holds the id in all variants that do not say otherwise.
    pub(crate) id: Option<Ident>,
    pub(crate) id_type: Option<Type>,
    pub(crate) variants: Vec<Variant<'a>>,
    /// Whether no key stands on the enum.
    pub(crate) is_bare: bool,
    /// Whether all of what stands on the enum could be read; else what seems to be missing may be there.
    pub(crate) is_read: bool,
    /// Whether it could not be read as a whole: then it has no variants, and nothing is asked of the type.
    pub(crate) is_stub: bool,
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) fields: &'a Fields,
    /// The place among the variants, as serde counts.
    pub(crate) index: u32,
    pub(crate) name: String,
    /// Where the name is given, if it is.
    pub(crate) given_name: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) id: Option<Id<'a>>,
    pub(crate) claims: Vec<Claim<'a>>,
    /// The claims that are given back.
    pub(crate) releases: Vec<Path>,
    /// Whether all of what stands on the variant and its fields could be read, and names a field where it names an id.
    pub(crate) is_read: bool,
    /// Whether all of what stands on the variant itself could be read.
    pub(crate) is_named: bool,
}

/// Where an event holds the id of its aggregate.
pub(crate) enum Id<'a> {
    /// In a field of its own.
    Field(Member, &'a Type),
    /// In a field of the struct that is its only field.
    Inner {
        /// The field of the struct.
        name: Ident,
        /// The struct.
        ty: &'a Type,
        /// Whether the variant itself says so, and not the enum.
        own: bool,
    },
}

/// A unique value.
pub(crate) struct Claim<'a> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) name: String,
    /// The key in the source.
    pub(crate) at: Ident,
    /// What makes the domain's error.
    pub(crate) taken: Option<Path>,
}

impl<'a> Event<'a> {
    pub(crate) fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let data = match &input.data {
            Data::Enum(data) => data,
            // Refused before it comes here.
            Data::Struct(_) | Data::Union(_) => return Self::refused(cx, input),
        };
        item::refuse_lifetimes(cx, input, "an event");
        super::serde_attrs::check_enum(cx, input, data);
        super::serde_names::check_enum(cx, input, data);
        let attrs = Attrs::of(cx, &input.attrs, &CONTAINER);
        let aggregate =
            attrs.text(symbol::AGGREGATE).map(|text| item::snake_name(cx, text, "the name of an aggregate"));
        let id = attrs.name(symbol::ID).cloned();
        let prefix = aggregate.as_deref().unwrap_or_default();
        let variants = (0..).zip(&data.variants);
        let variants = variants.map(|(index, variant)| Variant::parse(cx, index, variant, prefix, id.as_ref()));
        let event = Self {
            ident: &input.ident,
            generics: &input.generics,
            crate_path: attrs.crate_path(),
            id_type: attrs.ty(symbol::ID_TYPE).cloned(),
            variants: variants.collect(),
            aggregate,
            id,
            is_bare: attrs.all().next().is_none(),
            is_read: attrs.is_whole(),
            is_stub: cx.is_unsaid(),
        };
        if event.is_stub { event.hollow() } else { event }
    }

    /// Without its variants, of which some are not known.
    fn hollow(mut self) -> Self {
        self.id_type = self.id_type().or_else(|| self.likely_id_type()).cloned();
        self.variants.clear();
        self
    }

    /// What is no enum: an event without variants, so that what relies on it has no errors of its own.
    fn refused(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let attrs = Attrs::of(cx, &input.attrs, &CONTAINER);
        let is_id = |field: &&syn::Field| {
            field.ident.as_ref().is_some_and(|ident| attrs.name(symbol::ID) == Some(ident))
                || Attrs::of(cx, &field.attrs, &FIELD).given(symbol::ID).is_some()
        };
        let id_type = item::fields(input).iter().find(is_id).map(|field| field.ty.clone());
        Self {
            ident: &input.ident,
            generics: &input.generics,
            crate_path: attrs.crate_path(),
            id_type: attrs.ty(symbol::ID_TYPE).cloned().or(id_type),
            variants: Vec::new(),
            is_bare: false,
            is_read: false,
            is_stub: true,
            aggregate: attrs.text(symbol::AGGREGATE).map(LitStr::value),
            id: None,
        }
    }

    /// The type of the id: as given, or of the first field that holds one.
    pub(crate) fn id_type(&self) -> Option<&Type> {
        let found = || {
            self.variants.iter().find_map(|variant| match variant.id {
                Some(Id::Field(_, ty)) => Some(ty),
                _ => None,
            })
        };
        self.id_type.as_ref().or_else(found)
    }

    /// Whether what should hold the id is the id: a type has no field of itself.
    pub(crate) fn is_id(&self, inner: &Type) -> bool {
        self.id_type().is_some_and(|id| id.to_token_stream().to_string() == inner.to_token_stream().to_string())
    }

    /// The field that most likely holds the id, where nothing says which does.
    pub(crate) fn likely_id(&self) -> Option<(&'a Ident, &'a Type)> {
        let fields = self.variants.iter().flat_map(|variant| variant.fields);
        let named: Vec<_> = fields.filter_map(|field| Some((field.ident.as_ref()?, &field.ty))).collect();
        let wanted = self.id.as_ref().map(|id| id.unraw().to_string());
        let nearest = wanted.and_then(|id| nearest(&id, named.iter().map(|(name, _)| name.unraw().to_string())));
        named.into_iter().min_by_key(|(name, _)| {
            let name = name.unraw().to_string();
            (nearest.as_ref() != Some(&name), name != "id", !name.ends_with("_id"))
        })
    }

    /// The type of the id, where nothing says which field holds it: most likely this one.
    pub(crate) fn likely_id_type(&self) -> Option<&'a Type> {
        let is_id = |name: &Ident| *name == "id" || name.to_string().ends_with("_id");
        self.likely_id().filter(|(name, _)| is_id(name)).map(|(_, ty)| ty)
    }

    /// Every name that `unique` declares, in order.
    pub(crate) fn claim_names(&self) -> impl Iterator<Item = &str> {
        self.variants.iter().flat_map(|variant| &variant.claims).map(|claim| &*claim.name)
    }
}

impl<'a> Variant<'a> {
    fn parse(cx: &Ctxt, index: u32, variant: &'a syn::Variant, aggregate: &str, enum_id: Option<&Ident>) -> Self {
        let attrs = Attrs::of(cx, &variant.attrs, &VARIANT);
        let fields = item::with_attrs(cx, &variant.fields, &FIELD);
        let is_read = attrs.is_whole() && fields.iter().all(|(_, _, attrs)| attrs.is_whole());
        let given_name = attrs.text(symbol::NAME).cloned();
        let name = match &given_name {
            Some(text) => item::stored_name(cx, text),
            None => {
                let name = format!("{aggregate}.{}", item::snake_case(&variant.ident));
                item::own_stored_name(cx, &variant.ident, name)
            }
        };
        let aliases: Vec<_> = attrs.texts(symbol::ALIAS).cloned().collect();
        for alias in &aliases {
            item::stored_name(cx, alias);
        }
        let flagged = item::only_flagged(cx, &fields, symbol::ID, "an event is about one aggregate");
        let own = attrs.name(symbol::ID);
        let id = match flagged {
            Some((member, field, _)) => Some(Id::Field(member.clone(), &field.ty)),
            None => own.or(enum_id).and_then(|name| named_id(&variant.fields, name, own.is_some())),
        };
        if let (None, Some(own)) = (&id, own) {
            unknown_id(cx, variant, own);
        }
        let claims = fields.iter().filter_map(|(member, field, attrs)| claim(cx, member, &field.ty, attrs));
        Self {
            ident: &variant.ident,
            fields: &variant.fields,
            index,
            name,
            given_name,
            aliases,
            claims: claims.collect(),
            releases: attrs.path_list(symbol::RELEASE).to_vec(),
            is_read: is_read && (id.is_some() || own.is_none()),
            is_named: attrs.is_whole(),
            id,
        }
    }

    /// The names of its fields.
    pub(crate) fn field_names(&self) -> Vec<String> {
        field_names(self.fields)
    }
}

/// The unique value that `release(…)` names.
pub(crate) fn claim_name(path: &Path) -> String {
    path.get_ident().map_or_else(|| item::text(path), |ident| ident.unraw().to_string())
}

fn field_names(fields: &Fields) -> Vec<String> {
    fields.iter().filter_map(|field| field.ident.as_ref()).map(|ident| ident.unraw().to_string()).collect()
}

fn named_id<'a>(fields: &'a Fields, name: &Ident, own: bool) -> Option<Id<'a>> {
    match fields {
        Fields::Named(named) => {
            let field = named.named.iter().find(|field| field.ident.as_ref() == Some(name))?;
            Some(Id::Field(Member::Named(field.ident.clone()?), &field.ty))
        }
        Fields::Unnamed(unnamed) => match unnamed.unnamed.first() {
            Some(field) if unnamed.unnamed.len() == 1 => Some(Id::Inner { name: name.clone(), ty: &field.ty, own }),
            _ => None,
        },
        Fields::Unit => None,
    }
}

fn unknown_id(cx: &Ctxt, variant: &syn::Variant, id: &Ident) {
    let names = field_names(&variant.fields);
    let help = match (nearest(&id.to_string(), &names), names.is_empty()) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, false) => format!("its fields are {}", listed(&names)),
        (None, true) => "mark the field that holds the id: `#[cqrs(id)]`".to_owned(),
    };
    cx.error_help(id, format!("event `{}` has no field `{id}`", variant.ident), help);
}

fn claim<'a>(cx: &Ctxt, member: &Member, ty: &'a Type, attrs: &Attrs) -> Option<Claim<'a>> {
    let Some(at) = attrs.given(symbol::UNIQUE) else {
        if let Some(taken) = attrs.given(symbol::TAKEN) {
            let help = "write `#[cqrs(unique, taken = …)]`, or remove `taken`";
            cx.error_help(
                taken,
                "`taken` is the error for a unique value, but this field is not marked `unique`",
                help,
            );
        }
        return None;
    };
    let name = match (attrs.text(symbol::UNIQUE), member) {
        (Some(text), _) => item::snake_name(cx, text, "the name of a unique value"),
        (None, Member::Named(ident)) => ident.unraw().to_string(),
        (None, Member::Unnamed(_)) => {
            cx.error_help(at, "a field without a name does not name its unique value", "write `unique = \"email\"`");
            return None;
        }
    };
    let taken = attrs.path(symbol::TAKEN).filter(|taken| {
        let complete = taken.segments.len() > 1;
        if !complete {
            let help = "write the error's type before it: `taken = UserError::EmailTaken`";
            cx.error_help(taken, "`taken` names a constructor of the error type", help);
        }
        complete
    });
    Some(Claim { member: member.clone(), ty, name, at: at.clone(), taken: taken.cloned() })
}

/// The type of the error that `taken = …` makes: everything of the constructor's path but its last name.
pub(crate) fn error_of(constructor: &Path) -> Path {
    let mut error = constructor.clone();
    error.segments.pop();
    error.segments.pop_punct();
    error
}
