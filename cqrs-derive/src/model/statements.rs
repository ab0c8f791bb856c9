//! `#[projection(transaction = …)]`: methods that write with statements of their own.

use proc_macro2::Span;
use syn::{FnArg, GenericArgument, Lifetime, Meta, PatType, Path, PathArguments, ReturnType, Safety, Type};

use super::{
    block, item,
    on::{On, Rules, Variant},
    projection,
};
use crate::{
    attr::{Attrs, Level},
    crate_path::CratePath,
    ctxt::Ctxt,
    impl_block::{ImplBlock, Method},
    symbol,
};

static ON: Level = Level {
    attribute: symbol::ON,
    on: "the `#[on]` of a projection with a transaction",
    keys: &[],
    paths: true,
    elsewhere: &[],
};

pub(crate) struct Statements<'a> {
    pub(crate) block: &'a ImplBlock,
    pub(crate) crate_path: CratePath,
    /// The event enums; none where they are missing, and so nothing is known of the events.
    pub(crate) events: Vec<Path>,
    pub(crate) name: String,
    /// The transaction, with as many lifetimes as the methods write. Nothing where what is said is no type.
    pub(crate) transaction: Option<Type>,
    /// Variants that nothing is written for.
    pub(crate) ignored: Vec<Variant>,
    pub(crate) ons: Vec<On<'a>>,
    /// The method that makes the tables.
    pub(crate) setup: Option<Setup<'a>>,
    /// Whether it is known which events are covered, so that others are missing.
    pub(crate) known: bool,
}

pub(crate) struct Setup<'a> {
    pub(crate) method: &'a Method,
    /// What its parameter is.
    pub(crate) transaction: &'a Type,
    /// Whether nothing is wrong with it. What is not sound is not called.
    pub(crate) sound: bool,
}

impl<'a> Statements<'a> {
    pub(crate) fn parse(cx: &Ctxt, attrs: &Attrs, block: &'a ImplBlock) -> Self {
        if attrs.given(symbol::TRANSACTION).is_none() {
            let problem = "these methods write in a transaction, and `#[projection]` does not say which";
            cx.error_help(&block.self_ty, problem, "add the store's: `transaction = PgTransaction`");
        }
        let events = projection::events(cx, attrs, &block.type_name());
        let known = cx.is_clean();
        let name = name(cx, attrs, block);
        block::refuse_generics(cx, block, "a projection", "its checkpoint is kept under one name");
        for key in [symbol::BLOCKS, symbol::BLOCK].iter().filter_map(|key| attrs.given(*key)) {
            let help = "remove it; all methods stand in one block";
            cx.error_help(
                key,
                "a projection with a transaction has no handlers that could stand in several blocks",
                help,
            );
        }
        for method in &block.methods {
            if let Some(handle) = method.attribute(symbol::HANDLE) {
                let help = "answer it on a struct of its own that holds the pool, in a block with `#[query_handlers]`";
                cx.error_help(handle, "a projection with a transaction has no views to answer a query from", help);
            }
        }
        let transaction = attrs.ty(symbol::TRANSACTION).map(|transaction| with_lifetimes(transaction, block));
        let written = transaction.as_ref().map_or_else(|| "Transaction".to_owned(), item::text);
        let written = format!("tx: &mut {written}");
        let rules = Rules {
            level: &ON,
            events: &events,
            several: true,
            recorded: true,
            subject: "the row",
            may_return: true,
            transaction: Some(&written),
        };
        let mut ons = On::parse_all(cx, block, &rules);
        let (ignored, all) = block::ignored(cx, attrs, &rules);
        let mut setup = setup(cx, block, &written);
        let calls = ons.iter_mut().map(|on| &mut on.sound).chain(setup.iter_mut().map(|setup| &mut setup.sound));
        calls.for_each(|sound| *sound &= transaction.is_some());
        let known = known && all && !events.is_empty();
        Self { block, crate_path: attrs.crate_path(), name, transaction, ignored, ons, setup, known, events }
    }
}

/// Whether a block writes statements of its own, by its methods, though it does not say in which transaction.
pub(crate) fn forgets_transaction(block: &ImplBlock) -> bool {
    block.methods.iter().any(|method| {
        let writes = || method.sig.asyncness.is_some() && transaction_of(method).is_some();
        [symbol::ON, symbol::SETUP].iter().any(|mark| method.attribute(*mark).is_some()) && writes()
    })
}

fn name(cx: &Ctxt, attrs: &Attrs, block: &ImplBlock) -> String {
    if let Some(text) = attrs.text(symbol::NAME) {
        return item::snake_name(cx, text, "the name of a projection");
    }
    // A name that is misspelt or no string is not missing.
    if cx.is_clean() {
        let problem = "a projection with a transaction has a name, under which its checkpoint is kept";
        let help = format!("add `name = \"{}\"`", item::snake(&block.type_name()));
        cx.error_help(attrs.given(symbol::TRANSACTION), problem, help);
    }
    String::new()
}

/// The method with `#[setup]`.
fn setup<'a>(cx: &Ctxt, block: &'a ImplBlock, written: &str) -> Option<Setup<'a>> {
    let mut methods = block.methods.iter().filter_map(|method| Some((method, method.attribute(symbol::SETUP)?)));
    let (method, attribute) = methods.next()?;
    let before = cx.count();
    for (_, second) in methods {
        cx.error_help(second, "a second method is marked `#[setup]`", "make all tables in one");
    }
    if !matches!(attribute.meta, Meta::Path(_)) {
        cx.error_help(attribute, "`#[setup]` takes no arguments", "write `#[setup]`");
    }
    if let Some(on) = method.attribute(symbol::ON) {
        let help = "write two methods";
        cx.error_help(on, "a method either makes the tables, with `#[setup]`, or handles events, with `#[on]`", help);
    }
    check_signature(cx, method, written);
    for more in method.sig.inputs.iter().skip(1) {
        cx.error_help(more, "`#[setup]` takes the transaction, nothing else", "remove this parameter");
    }
    let transaction = &*transaction_of(method)?.ty;
    Some(Setup { method, transaction, sound: cx.count() == before && method.callable })
}

/// Checks a method that writes in a transaction, whose parameter is written like `written`.
pub(super) fn check_signature(cx: &Ctxt, method: &Method, written: &str) {
    let (sig, name) = (&method.sig, &method.sig.ident);
    if sig.asyncness.is_none() {
        let help = format!("write `async fn {name}`");
        cx.error_help(sig.fn_token, "this method must be `async`: its statements are waited for", help);
    }
    if let Safety::Unsafe(token) = &sig.safety {
        cx.error_help(token, "this method cannot be `unsafe`: it is called by safe code", "remove `unsafe`");
    }
    if sig.generics.type_params().next().is_some() || sig.generics.const_params().next().is_some() {
        let help = "name the transaction, and the types of the event's fields";
        cx.error_help(&sig.generics.params, "this method cannot be generic: the engine calls it", help);
    }
    let late = || sig.inputs.iter().skip(1).find(|input| matches!(input, FnArg::Typed(typed) if is_mutable(typed)));
    match (sig.receiver(), transaction_of(method)) {
        (Some(receiver), _) => {
            let help = format!("write `{written}` instead");
            cx.error_help(receiver, "statements write in the transaction: there is no row to change in place", help);
        }
        (None, None) => match late() {
            Some(late) => {
                let help = format!("make `{written}` the first parameter");
                cx.error_help(late, "the transaction comes first, and the event's fields behind it", help);
            }
            None => {
                let problem = format!("`{name}` takes no transaction, so it could write nothing");
                cx.error_help(name, problem, format!("make `{written}` the first parameter"));
            }
        },
        (None, Some(_)) => {}
    }
    if let ReturnType::Default = sig.output {
        let problem = format!("`{name}` returns nothing, but its statements may fail");
        cx.error_help(name, problem, "write `-> Result<(), E>`, where `E` is the driver's error or one of your own");
    }
}

/// The parameter that takes the transaction: the first one, by `&mut`.
pub(super) fn transaction_of(method: &Method) -> Option<&PatType> {
    match method.sig.inputs.first()? {
        FnArg::Typed(typed) if is_mutable(typed) => Some(typed),
        _ => None,
    }
}

fn is_mutable(typed: &PatType) -> bool {
    matches!(&*typed.ty, Type::Reference(reference) if reference.mutability.is_some())
}

/// The transaction's type with the lifetimes that a method writes, `PgTransaction<'_>`, where the argument has none.
fn with_lifetimes(transaction: &Type, block: &ImplBlock) -> Type {
    let mut transaction = transaction.clone();
    let Type::Path(path) = &mut transaction else { return transaction };
    let Some(last) = path.path.segments.last_mut().filter(|last| last.arguments.is_none()) else { return transaction };
    let marked = |method: &&Method| [symbol::ON, symbol::SETUP].iter().any(|mark| method.attribute(*mark).is_some());
    let lifetimes = block.methods.iter().filter(marked).find_map(|method| {
        let Type::Reference(reference) = &*transaction_of(method)?.ty else { return None };
        let Type::Path(path) = &*reference.elem else { return None };
        let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
        arguments.args.iter().all(|argument| matches!(argument, GenericArgument::Lifetime(_))).then_some(arguments)
    });
    if let Some(lifetimes) = lifetimes {
        let mut lifetimes = lifetimes.clone();
        for argument in &mut lifetimes.args {
            *argument = GenericArgument::Lifetime(Lifetime::new("'_", Span::call_site()));
        }
        last.arguments = PathArguments::AngleBracketed(lifetimes);
    }
    transaction
}
