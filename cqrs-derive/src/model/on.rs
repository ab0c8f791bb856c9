//! `#[on(…)]` on a method of an `#[aggregate]` or `#[projection]` block.

use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, FnArg, Ident, Meta, Pat, PatType, Path, ReturnType, Safety, Token, Type,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
};

use super::{handle::is_mutable, statements};
use crate::{
    attr::{Attrs, Level, listed, nearest},
    ctxt::Ctxt,
    impl_block::{ImplBlock, Method},
    symbol,
};

/// What `#[on]` may be and means in a block.
pub(crate) struct Rules<'a> {
    pub(crate) level: &'static Level,
    /// The event enums that the block follows.
    pub(crate) events: &'a [Path],
    /// Whether it could follow another one too.
    pub(crate) several: bool,
    /// Whether parameters may be `#[recorded]`.
    pub(crate) recorded: bool,
    /// What a method without a receiver makes: `the aggregate`, `a row`.
    pub(crate) subject: &'static str,
    /// Whether a method with `&mut self` may return what becomes of it.
    pub(crate) may_return: bool,
    /// How the parameter is written that takes the transaction; `None` where methods fold instead of writing statements.
    pub(crate) transaction: Option<&'a str>,
}

/// A variant of one of the event enums that a block follows.
pub(crate) struct Variant {
    /// Which enum, by its place among the block's.
    pub(crate) event: usize,
    pub(crate) ident: Ident,
    /// The names of a tuple variant's fields, as in `#[on(Added(item))]`.
    pub(crate) positions: Option<Vec<Ident>>,
}

impl Variant {
    /// Its name as `Event::TYPES` has it.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// A parameter: the field of this name, or the recorded event.
pub(crate) struct Parameter<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) by_reference: bool,
    pub(crate) recorded: bool,
    /// The conditions under which it is there, as its field may be.
    pub(crate) cfgs: Vec<&'a Attribute>,
}

/// A method that says what an event makes of an aggregate or a row.
pub(crate) struct On<'a> {
    pub(crate) method: &'a Method,
    /// Whether it takes `&mut self`; else it brings to life.
    pub(crate) changes: bool,
    /// What takes the transaction, where it writes in one.
    pub(crate) transaction: Option<&'a Type>,
    pub(crate) variants: Vec<Variant>,
    pub(crate) parameters: Vec<Parameter<'a>>,
    /// The field that holds the row's key, where it is not the aggregate's id.
    pub(crate) key: Option<Ident>,
    /// What makes the row to change, where there is none.
    pub(crate) or_insert: Option<Path>,
    /// Whether it is known which events it is for.
    pub(crate) named: bool,
    /// Whether nothing is wrong with it so far. What is not sound is not called.
    pub(crate) sound: bool,
}

impl<'a> On<'a> {
    /// Every method with an `#[on]`. What cannot be one is noted; what is known of it stays, so that its events count
    /// as covered.
    pub(crate) fn parse_all(cx: &Ctxt, block: &'a ImplBlock, rules: &Rules<'_>) -> Vec<Self> {
        let remembering = |method: &&Method| method.attribute(symbol::HANDLE).is_none();
        let methods = block.methods.iter().filter(remembering);
        methods.filter_map(|method| Some(Self::parse(cx, method, method.attribute(symbol::ON)?, rules))).collect()
    }

    fn parse(cx: &Ctxt, method: &'a Method, on: &Attribute, rules: &Rules<'_>) -> Self {
        let before = cx.count();
        if let Some(again) = method.attrs.iter().filter(|attribute| *attribute.path() == symbol::ON).nth(1) {
            cx.error_help(again, "`#[on]` is given twice", "write all variants in one: `#[on(Created, Imported)]`");
        }
        let mut positions = Vec::new();
        let attrs = match &on.meta {
            Meta::List(list) => Attrs::of_args(cx, take_positions(cx, &list.tokens, &mut positions), rules.level),
            _ => Attrs::of_args(cx, TokenStream::new(), rules.level),
        };
        // What stands there and could not be read has its own error.
        let empty = !matches!(&on.meta, Meta::List(list) if !list.tokens.is_empty());
        if empty || (attrs.paths().is_empty() && attrs.given(symbol::KEY).or(attrs.given(symbol::OR_INSERT)).is_some())
        {
            cx.error_help(on, "`#[on]` names no event", "write the variant it is about: `#[on(Created)]`");
        }
        let variants = attrs.paths().iter().filter_map(|path| variant(cx, path, &positions, rules)).collect();
        let named = cx.count() == before;
        let changes = method.sig.receiver().is_some();
        let transaction = match rules.transaction {
            Some(written) => {
                statements::check_signature(cx, method, written);
                statements::transaction_of(method)
            }
            None => {
                check_signature(cx, method, rules);
                None
            }
        };
        let parameters = parameters(cx, method, transaction, rules);
        let transaction = transaction.map(|typed| &*typed.ty);
        let key = attrs.name(symbol::KEY).cloned();
        let or_insert = attrs.path(symbol::OR_INSERT).cloned();
        let mut on = Self { method, changes, transaction, variants, parameters, key, or_insert, named, sound: false };
        on.check_positions(cx);
        if let (false, Some(key)) = (changes, attrs.given(symbol::OR_INSERT)) {
            let help = format!("remove it, or take `&mut self` and change what `{key}` makes");
            cx.error_help(key, "this method makes a row itself, so there is nothing to insert", help);
        }
        on.sound = cx.count() == before && method.callable;
        on
    }

    /// Every name must be one of a tuple variant's fields where they have names.
    fn check_positions(&self, cx: &Ctxt) {
        let fields = self.parameters.iter().filter(|parameter| !parameter.recorded).map(|parameter| parameter.name);
        for name in fields.chain(&self.key) {
            for variant in &self.variants {
                if let Some(names) = &variant.positions
                    && !names.contains(name)
                {
                    let named = listed(names.iter().map(ToString::to_string));
                    let problem = format!("`{name}` is none of the names in `{}(…)`: {named}", variant.ident);
                    cx.error_help(name, problem, "name it there, in its field's place");
                }
            }
        }
    }
}

/// Takes the names of tuple variants' fields out of the arguments, and what is written as in a pattern of a `match`.
fn take_positions(cx: &Ctxt, arguments: &TokenStream, positions: &mut Vec<(Ident, Vec<Ident>)>) -> TokenStream {
    let mut output = Vec::<TokenTree>::new();
    let mut in_value = false;
    for tree in arguments.clone() {
        match &tree {
            TokenTree::Punct(punct) if punct.as_char() == '=' => in_value = true,
            TokenTree::Punct(punct) if punct.as_char() == ',' => in_value = false,
            _ => {}
        }
        match (&tree, output.last()) {
            _ if in_value => output.push(tree),
            (TokenTree::Group(group), Some(TokenTree::Ident(variant)))
                if group.delimiter() == Delimiter::Parenthesis && is_variant(variant) =>
            {
                let parse = |input: ParseStream<'_>| {
                    Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
                };
                match parse.parse2(group.stream()) {
                    Ok(names) if !names.is_empty() => positions.push((variant.clone(), names.into_iter().collect())),
                    _ => {
                        let help = format!("write `{variant}(item)`, and take `item` as a parameter");
                        cx.error_help(&tree, "expected a name for each field of a tuple variant", help);
                    }
                }
            }
            (TokenTree::Group(group), Some(TokenTree::Ident(variant)))
                if group.delimiter() == Delimiter::Brace && is_variant(variant) =>
            {
                let help = format!("write `#[on({variant})]`; fields that are not needed are left out");
                cx.error_help(&tree, "the fields of an event are taken by parameters that are called like them", help);
            }
            (TokenTree::Punct(punct), Some(_)) if punct.as_char() == '|' => {
                let help = "write a comma: `#[on(Created, Imported)]`";
                cx.error_help(&tree, "events that one method is for stand behind one another", help);
                output.push(TokenTree::from(Punct::new(',', Spacing::Alone)));
            }
            (TokenTree::Ident(ident), _) if ident == "_" => {
                let help = "name them; those that concern nothing here go into `ignore(…)`, behind `event = …`";
                cx.error_help(&tree, "an `#[on]` names its events, so that a new one is not overlooked", help);
            }
            _ => output.push(tree),
        }
    }
    output.into_iter().collect()
}

/// Keys are in small letters. A variant is not, though its script may know no capital ones.
fn is_variant(name: &Ident) -> bool {
    !name.unraw().to_string().starts_with(char::is_lowercase)
}

/// Reads `Created` or `UserEvent::Created`.
pub(super) fn variant(cx: &Ctxt, path: &Path, positions: &[(Ident, Vec<Ident>)], rules: &Rules<'_>) -> Option<Variant> {
    let events = rules.events;
    let mut backwards = path.segments.iter().rev().map(|segment| &segment.ident);
    let ident = backwards.next()?.clone();
    let names = || events.iter().map(last_name);
    let event = match (backwards.next(), events) {
        (_, []) => return None,
        (None, _) if let Some(help) = habit(&ident, rules) => {
            cx.error_help(path, format!("`{ident}` is neither an event nor a key of an `#[on]`"), help);
            return None;
        }
        (None, _) if names().any(|name| ident == name) => {
            let problem = format!("`{ident}` is all of the events, not one of them");
            cx.error_help(path, problem, "name the variants that the method is for");
            return None;
        }
        (None, [_]) => 0,
        (None, _) => {
            let first = names().next().unwrap_or_default();
            let problem = format!("this projection follows {}: which one's `{ident}` is it?", listed(names()));
            cx.error_help(path, problem, format!("write `{first}::{ident}`"));
            return None;
        }
        (Some(of), _) => {
            let known = names().position(|name| of == &name);
            if known.is_none() {
                let problem = format!("`{of}` is not among the events of this block: {}", listed(names()));
                let help = match nearest_event(&of.to_string(), names()) {
                    Some(meant) => format!("did you mean `{meant}::{ident}`?"),
                    None if !rules.several => format!("write `{ident}`, a variant of the aggregate's own event"),
                    None => format!("add `{of}` to the events, or remove `{ident}` here"),
                };
                cx.error_help(of, problem, help);
            }
            known?
        }
    };
    let positions = positions.iter().find(|(variant, _)| *variant == ident).map(|(_, names)| names.clone());
    Some(Variant { event, ident, positions })
}

/// What is written here for a word that other frameworks have behind an event.
fn habit(word: &Ident, rules: &Rules<'_>) -> Option<&'static str> {
    match &*word.to_string() {
        _ if !rules.may_return || rules.transaction.is_some() => None,
        "delete" | "deletes" | "remove" => Some("return `Change::Delete` from the method, and its row is removed"),
        "or_default" | "upsert" => Some("write `or_insert = Self::new`, with a function that makes a row of its key"),
        _ => None,
    }
}

/// The enum that was most likely meant, apart from what most of them end with: `OrderEvent` is not like `UserEvent`.
fn nearest_event(word: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let Some(stem) = word.strip_suffix("Event") else { return nearest(word, names) };
    let stems = names.filter_map(|name| Some(name.strip_suffix("Event")?.to_owned()));
    nearest(stem, stems).map(|stem| format!("{stem}Event"))
}

/// The last segment of a path: what an enum is called in the block.
pub(crate) fn last_name(path: &Path) -> String {
    path.segments.last().map_or_else(String::new, |last| last.ident.to_string())
}

fn check_signature(cx: &Ctxt, method: &Method, rules: &Rules<'_>) {
    let (sig, name) = (&method.sig, &method.sig.ident);
    let subject = rules.subject;
    if let Some(token) = &sig.asyncness {
        cx.error_help(token, "an event has happened: there is nothing to wait for", "remove `async`");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        cx.error_help(token, "an `#[on]` cannot be `unsafe`: it is called by safe code", "remove `unsafe`");
    }
    if sig.generics.type_params().next().is_some() || sig.generics.const_params().next().is_some() {
        let help = "write the types of the event's fields";
        cx.error_help(&sig.generics.params, "an `#[on]` cannot be generic: its event's fields have types", help);
    }
    match (sig.receiver(), &sig.output) {
        (Some(receiver), _) if !is_mutable(receiver) => {
            let help = format!("take `&mut self` to change {subject}, or no receiver to bring it to life");
            cx.error_help(receiver, format!("an `#[on]` changes {subject} in place"), help);
        }
        (Some(_), ReturnType::Type(_, output)) if !rules.may_return && !is_unit(output) => {
            let help =
                "remove it, and change `self`; what can be refused is refused by a `#[handle]`, before it happens";
            cx.error_help(output, "an event has happened and cannot fail: its `#[on]` returns nothing", help);
        }
        (None, ReturnType::Default) => {
            let help = format!("write `-> Self`, or take `&mut self` if the event changes {subject}");
            let problem = format!("`{name}` has no receiver, so it brings {subject} to life and returns it");
            cx.error_help(name, problem, help);
        }
        _ => {}
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The parameters but that of the transaction.
fn parameters<'a>(
    cx: &Ctxt,
    method: &'a Method,
    transaction: Option<&PatType>,
    rules: &Rules<'_>,
) -> Vec<Parameter<'a>> {
    let typed = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let typed = typed.filter(|typed| transaction.is_none_or(|transaction| !std::ptr::eq(*typed, transaction)));
    typed.filter_map(|typed| parameter(cx, typed, rules)).collect()
}

fn parameter<'a>(cx: &Ctxt, typed: &'a PatType, rules: &Rules<'_>) -> Option<Parameter<'a>> {
    let mut marks = typed.attrs.iter().filter(|attribute| *attribute.path() == symbol::RECORDED);
    let recorded = marks.next();
    if let Some(recorded) = recorded.filter(|recorded| !matches!(recorded.meta, Meta::Path(_))) {
        let help = "write `#[recorded] event: &RecordedEvent`, and read its fields";
        cx.error_help(recorded, "`#[recorded]` takes no arguments: the parameter is the whole recorded event", help);
    }
    if let Some(again) = marks.next() {
        cx.error_help(again, "`#[recorded]` is given twice", "remove one of the two");
    }
    let name = match &*typed.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => &pat.ident,
        pattern => {
            let help = "write `name: Type`; fields that are not needed are left out";
            cx.error_help(pattern, "a parameter is named after the event's field that it takes", help);
            return None;
        }
    };
    if recorded.is_none() && is_whole(&typed.ty, rules) {
        let help = "write the fields that are needed instead, as `name: String`; the others are left out";
        cx.error_help(typed, "an `#[on]` takes the fields of its event by their names, not the event", help);
        return None;
    }
    if let (Some(recorded), false) = (recorded, rules.recorded) {
        let help = "remove it, and give the event a field for what the aggregate has to know";
        cx.error_help(recorded, "an aggregate is folded from its events alone, not from their envelopes", help);
    }
    let by_reference = match &*typed.ty {
        // Said already: it is the transaction, in the wrong place.
        Type::Reference(reference) if reference.mutability.is_some() && rules.transaction.is_some() => return None,
        Type::Reference(reference) if reference.mutability.is_some() => {
            cx.error_help(
                &typed.ty,
                "an event has happened and cannot be changed",
                "take the field by value or by `&`",
            );
            return None;
        }
        Type::Reference(_) => true,
        Type::ImplTrait(_) => {
            cx.error_help(
                &typed.ty,
                "an `#[on]` cannot be generic: its event's fields have types",
                "write the field's type",
            );
            return None;
        }
        _ => false,
    };
    if recorded.is_some() && !by_reference {
        cx.error_help(&typed.ty, "the recorded event is borrowed", "write `&RecordedEvent`");
        return None;
    }
    let cfgs = typed.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    Some(Parameter { name, ty: &typed.ty, by_reference, recorded: recorded.is_some(), cfgs })
}

/// Whether a parameter is the event itself, which can be no field of its own.
fn is_whole(ty: &Type, rules: &Rules<'_>) -> bool {
    let ty = if let Type::Reference(reference) = ty { &reference.elem } else { ty };
    let Type::Path(path) = ty else { return false };
    let is_called_so = |event: &&Path| {
        event.segments.last().map(|last| &last.ident) == path.path.segments.last().map(|last| &last.ident)
    };
    let is_event = |event: &Path| event.to_token_stream().to_string() == path.to_token_stream().to_string();
    rules.events.iter().filter(is_called_so).any(is_event)
}
