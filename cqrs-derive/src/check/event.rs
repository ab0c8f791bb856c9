use std::collections::HashMap;

use syn::{Ident, ext::IdentExt as _};

use crate::{
    attr::{listed, nearest},
    ctxt::Ctxt,
    model::{
        event::{Event, Id, Variant, claim_name, error_of},
        item,
    },
    symbol,
};

pub(crate) fn check(cx: &Ctxt, event: &Event<'_>) {
    let ident = event.ident;
    if event.variants.is_empty() {
        cx.error_help(
            ident,
            "an event enum without a variant records nothing",
            "add one for each thing that can happen",
        );
    }
    // What could not be read is reported already; what seems to be missing may be just that.
    let no_aggregate = event.aggregate.is_none() && event.is_read && !cx.is_misplaced(symbol::AGGREGATE);
    let name = item::snake_case(ident);
    let name = name.strip_suffix("_event").or_else(|| name.strip_suffix("_events")).unwrap_or(&name);
    if no_aggregate && event.is_bare && !event.variants.is_empty() && has_no_ids(event) {
        let help = format!("write `#[cqrs(aggregate = \"{name}\", id = {})]` before it", likely_id(event));
        cx.error_help(ident, format!("`{ident}` names neither its aggregate nor the field that holds its id"), help);
    } else {
        if no_aggregate {
            let help =
                format!("add it to `#[cqrs(…)]`: `aggregate = \"{name}\"`; it begins the names of events and streams");
            cx.error_help(ident, format!("`{ident}` does not name its aggregate"), help);
        }
        if event.is_read && !event.variants.is_empty() {
            check_ids(cx, event);
        }
    }
    if event.aggregate.is_some() {
        check_names(cx, event);
    }
    check_claims(cx, event);
}

fn check_ids(cx: &Ctxt, event: &Event<'_>) {
    let ident = event.ident;
    // One mistake on the enum, not one on each variant.
    if has_no_ids(event) {
        if !event.variants.iter().all(|variant| variant.is_read) {
            return;
        }
        let likely = likely_id(event);
        let help = format!("add the field that holds the aggregate's id to `#[cqrs(…)]`: `id = {likely}`");
        cx.error_help(ident, format!("the events of `{ident}` do not say which aggregate they are about"), help);
        return;
    }
    if let (Some(id), Some(name)) = (&event.id, common_id(event)) {
        let problem = format!("no event of `{ident}` has a field `{id}` that holds the id of its aggregate");
        cx.error_help(id, problem, format!("if it is `{name}`, write `id = {name}`"));
        return;
    }
    for variant in event.variants.iter().filter(|variant| variant.id.is_none() && variant.is_read) {
        no_id(cx, event, variant);
    }
    for variant in &event.variants {
        if let Some(Id::Inner { name, ty, .. }) = &variant.id
            && event.is_id(ty)
        {
            let text = item::text(ty);
            let help = format!("write `{}(#[cqrs(id)] {text})`", variant.ident);
            cx.error_help(ty, format!("`{text}` is the id itself, which has no field `{name}`"), help);
        }
    }
    if event.id_type().is_none() && cx.is_clean() {
        let help = "add it to `#[cqrs(…)]`: `id_type = Uuid`";
        cx.error_help(ident, "every event holds the id in a struct of its own, so its type does not show here", help);
    }
}

/// Whether nothing says which field holds the id, not even of one variant.
fn has_no_ids(event: &Event<'_>) -> bool {
    event.id.is_none() && event.variants.iter().all(|variant| variant.id.is_none())
}

fn likely_id(event: &Event<'_>) -> String {
    event.likely_id().map_or_else(|| "id".to_owned(), |(name, _)| name.to_string())
}

/// The field that holds the id in all of several variants, most likely, where none has the one that the enum names.
fn common_id<'a>(event: &Event<'a>) -> Option<&'a Ident> {
    let (name, _) = event.likely_id()?;
    let has_it = |variant: &Variant<'_>| variant.fields.iter().any(|field| field.ident.as_ref() == Some(name));
    let is_common = event.variants.len() > 1
        && event.variants.iter().all(|variant| variant.id.is_none() && variant.is_read && has_it(variant));
    is_common.then_some(name)
}

fn no_id(cx: &Ctxt, event: &Event<'_>, variant: &Variant<'_>) {
    let names = variant.field_names();
    let problem = match &event.id {
        Some(id) => format!("event `{}` has no field `{id}` that holds the id of its aggregate", variant.ident),
        None => format!("event `{}` does not say which aggregate it is about", variant.ident),
    };
    let wanted = event.id.as_ref().map(|id| id.unraw().to_string());
    let likely = wanted.and_then(|id| nearest(&id, names.clone()));
    let likely = likely.or_else(|| names.iter().find(|name| *name == "id" || name.ends_with("_id")).cloned());
    let help = match (likely, variant.fields.is_empty()) {
        (Some(name), _) => format!("if it is `{name}`, write `#[cqrs(id)]` before that field"),
        (None, false) => "write `#[cqrs(id)]` before the field that holds it".to_owned(),
        (None, true) => {
            let id = event.id.as_ref().map_or_else(|| "id".to_owned(), ToString::to_string);
            let ty = event.id_type().map_or_else(|| "Uuid".to_owned(), item::text);
            format!("add the field: `{} {{ {id}: {ty} }}`", variant.ident)
        }
    };
    cx.error_help(variant.ident, problem, help);
}

/// A stored event is told by its name alone, so no two types may share one, present or past.
fn check_names(cx: &Ctxt, event: &Event<'_>) {
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    for variant in event.variants.iter().filter(|variant| variant.is_named) {
        if let Some(owner) = owners.insert(variant.name.clone(), variant.ident) {
            let problem = format!("event `{}` is stored under `{}`, as `{owner}` is", variant.ident, variant.name);
            let help = "give it a name of its own: `name = \"…\"`";
            match &variant.given_name {
                Some(text) => cx.error_help(text, problem, help),
                None => cx.error_help(variant.ident, problem, help),
            }
        }
    }
    for variant in event.variants.iter().filter(|variant| variant.is_named) {
        for alias in &variant.aliases {
            if let Some(owner) = owners.insert(alias.value(), variant.ident) {
                let problem = match (owner == variant.ident, alias.value() == variant.name) {
                    (true, true) => "this is the name of the event, not an older one".to_owned(),
                    (true, false) => "this alias is given twice".to_owned(),
                    (false, _) => format!("`{}` is a name of event `{owner}` already", alias.value()),
                };
                cx.error_help(alias, problem, "remove the alias, or change one of the two names");
            }
        }
    }
}

/// An aggregate has one error: of two kinds of them it would never make one.
fn check_errors(cx: &Ctxt, event: &Event<'_>) {
    let claims = event.variants.iter().flat_map(|variant| &variant.claims);
    let mut errors = claims.filter_map(|claim| claim.taken.as_ref()).map(|taken| (taken, item::text(error_of(taken))));
    let Some((_, first)) = errors.next() else { return };
    for (taken, other) in errors.filter(|(_, other)| *other != first) {
        let problem = format!("`taken` makes a `{other}` here and a `{first}` before, but an aggregate has one error");
        cx.error_help(taken, problem, format!("name a variant of `{first}`, or a function of it that makes one"));
    }
}

fn check_claims(cx: &Ctxt, event: &Event<'_>) {
    check_errors(cx, event);
    for variant in &event.variants {
        let mut set: Vec<&str> = Vec::new();
        for claim in &variant.claims {
            // An aggregate holds one value under a name.
            if set.contains(&&*claim.name) {
                let problem =
                    format!("event `{}` takes two unique values under the name `{}`", variant.ident, claim.name);
                cx.error_help(&claim.at, problem, "name one of them otherwise: `unique = \"…\"`");
            }
            set.push(&claim.name);
        }
        for release in &variant.releases {
            let name = claim_name(release);
            if set.contains(&&*name) {
                let problem = format!("event `{}` takes `{name}` and gives it back", variant.ident);
                cx.error_help(release, problem, "taking a value gives back the one before it; remove one of the two");
            } else if event.variants.iter().all(|variant| variant.is_read)
                && !event.claim_names().any(|known| known == name)
            {
                unknown_claim(cx, event, release, &name);
            }
        }
    }
}

fn unknown_claim(cx: &Ctxt, event: &Event<'_>, release: &syn::Path, name: &str) {
    let mut known: Vec<&str> = event.claim_names().collect();
    known.sort_unstable();
    known.dedup();
    let help = match (nearest(name, known.iter().copied()), known.is_empty()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, false) => format!("its unique values are {}", listed(known)),
        (None, true) => "mark the field that takes it: `#[cqrs(unique)]`".to_owned(),
    };
    cx.error_help(release, format!("no event of `{}` takes a unique value `{name}`", event.ident), help);
}
