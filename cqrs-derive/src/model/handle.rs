//! `#[handle]` on a method, in any block.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{FnArg, Generics, Ident, Meta, PatType, Receiver, ReceiverKind, ReturnType, Safety, Type};

use super::item;
use crate::{
    ctxt::Ctxt,
    impl_block::{ImplBlock, Method},
    symbol,
};

/// What the handlers of a block look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `fn x([&self,] command: C[, ctx: &Context]) -> Result<events, error>`
    Decides,
    /// `async fn x(views: &Views<Self>, query: Q) -> Result<R, E>`
    AnswersFromViews,
    /// `async fn x(&self, command: C[, ctx: &Context]) -> Result<R, E>`
    Executes,
    /// `async fn x(&self, query: Q) -> Result<R, E>`
    Answers,
}

impl Shape {
    /// How a handler of this name is written.
    fn signature(self, name: &Ident) -> String {
        let (parameters, result) = match self {
            Self::Decides => ("&self, command: MyCommand", "Result<MyEvent, MyError>"),
            Self::AnswersFromViews => ("views: &Views<Self>, query: MyQuery", "Result<MyResult, QueryError>"),
            Self::Executes => ("&self, command: MyCommand", "Result<MyResult, MyError>"),
            Self::Answers => ("&self, query: MyQuery", "Result<MyResult, QueryError>"),
        };
        let waits = if self == Self::Decides { "" } else { "async " };
        format!("{waits}fn {name}({parameters}) -> {result}")
    }

    fn message(self) -> &'static str {
        match self {
            Self::Decides | Self::Executes => "command",
            Self::AnswersFromViews | Self::Answers => "query",
        }
    }

    fn takes_context(self) -> bool {
        matches!(self, Self::Decides | Self::Executes)
    }
}

/// A method that handles a command or answers a query.
pub(crate) struct Handler<'a> {
    pub(crate) method: &'a Method,
    /// Whether it takes `&self`.
    pub(crate) receiver: bool,
    /// The command or query, without the `&` it may be taken by.
    pub(crate) message: &'a Type,
    pub(crate) by_reference: bool,
    /// The type of the parameter that takes the views, if there is one.
    pub(crate) views: Option<&'a Type>,
    /// The type of the parameter that takes the context, if there is one.
    pub(crate) context: Option<&'a Type>,
    /// What it returns, if that can be asked about.
    pub(crate) output: Option<&'a Type>,
    /// Whether nothing is wrong with it so far. What is not sound is not called.
    pub(crate) sound: bool,
}

impl<'a> Handler<'a> {
    /// The handlers of a block. What cannot be one is noted and left out.
    pub(crate) fn parse_all(cx: &Ctxt, block: &'a ImplBlock, shape: Shape) -> Vec<Self> {
        let handled = block.methods.iter().filter(|method| method.attribute(symbol::HANDLE).is_some());
        handled.filter_map(|method| Self::parse(cx, method, shape)).collect()
    }

    fn parse(cx: &Ctxt, method: &'a Method, shape: Shape) -> Option<Self> {
        let name = &method.sig.ident;
        let before = cx.count();
        check_attributes(cx, method);
        check_qualifiers(cx, method, shape);
        let receiver = method.sig.receiver();
        check_receiver(cx, method, receiver, shape);
        let what = shape.message();
        let write = || format!("write `{}`", shape.signature(name));
        let (views, parameters) = parameters(cx, method, shape);
        let mut parameters = parameters.into_iter();
        let Some(message) = parameters.next() else {
            // One that changes what it is called on is an `#[on]`, and that is said.
            if cx.count() == before || !receiver.is_some_and(is_mutable) {
                cx.error_help(name, format!("`{name}` takes no {what}, so it handles none"), write());
            }
            return None;
        };
        let context = if shape.takes_context() { parameters.next() } else { None };
        let filled = check_context(cx, context, shape);
        for more in parameters {
            let whole = if shape.takes_context() { "one command and the context" } else { "one query" };
            cx.error_help(more, format!("a handler takes {whole}, nothing else"), "remove this parameter");
        }
        let output = match &method.sig.output {
            // What has its events filled in returns none of them, and is told to.
            ReturnType::Type(..) if filled => None,
            ReturnType::Type(_, output) => Some(&**output).filter(|output| !names_any(output, &method.sig.generics)),
            ReturnType::Default => {
                cx.error_help(name, format!("`{name}` returns nothing, but a handler may refuse"), write());
                None
            }
        };
        if let Type::Reference(reference) = &*message.ty
            && reference.mutability.is_some()
        {
            let help = format!("write `&{}`", item::text(&reference.elem));
            cx.error_help(&message.ty, format!("a {what} is read by its handler, not changed"), help);
        }
        let (message, by_reference) = match &*message.ty {
            Type::Reference(reference) => (&*reference.elem, true),
            ty => (ty, false),
        };
        if !matches!(message, Type::Path(_)) {
            cx.error_help(message, format!("`{}` is no {what}", item::text(message)), write());
            return None;
        }
        if names_any(message, &method.sig.generics) {
            return None;
        }
        let context = context.map(|context| &*context.ty);
        let sound = cx.count() == before && method.callable;
        Some(Self { method, receiver: receiver.is_some(), message, by_reference, views, context, output, sound })
    }

    /// What it has to return is not known: it is neither called nor asked about its output.
    pub(super) fn forget_output(&mut self) {
        self.output = None;
        self.sound = false;
    }
}

/// Whether a type names a parameter of the method, which is not known outside of it.
fn names_any(ty: &Type, generics: &Generics) -> bool {
    fn any(tokens: TokenStream, generics: &Generics) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => generics.type_params().any(|parameter| parameter.ident == ident),
            TokenTree::Group(group) => any(group.stream(), generics),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    generics.type_params().next().is_some() && any(ty.to_token_stream(), generics)
}

/// What stands behind a command must be the context, by `&`. Whether it is something to fill in, as with events.
fn check_context(cx: &Ctxt, context: Option<&PatType>, shape: Shape) -> bool {
    let Some(context) = context else { return false };
    let problem = || format!("behind the {} a handler takes nothing but the context", shape.message());
    let ty = &context.ty;
    match &**ty {
        Type::Reference(reference) if reference.mutability.is_none() => false,
        Type::Reference(_) if is_named(context, "Context") => {
            cx.error_help(ty, "the context is read by a handler, not changed", "write `&Context`");
            false
        }
        Type::Reference(_) if shape == Shape::Decides => {
            let help = "remove this parameter, and return the events: `Ok(MyEvent::Happened { … })`";
            cx.error_help(ty, problem(), help);
            true
        }
        _ => {
            cx.error_help(ty, problem(), "write `ctx: &Context`, or make it a field of the command");
            false
        }
    }
}

/// The type of the views, and the parameters from the command or query on. Where their order or a `&` is wrong, they are
/// taken as they are meant.
fn parameters<'a>(cx: &Ctxt, method: &'a Method, shape: Shape) -> (Option<&'a Type>, Vec<&'a PatType>) {
    let name = &method.sig.ident;
    let typed = method.sig.inputs.iter();
    let mut parameters: Vec<_> =
        typed.filter_map(|input| if let FnArg::Typed(typed) = input { Some(typed) } else { None }).collect();
    match (shape, &*parameters) {
        // Which one is the context shows by its name alone; a command of that name stands beside one called the same. So
        // do the views.
        (Shape::Executes | Shape::Decides, [context, command])
            if is_named(context, "Context") && !is_named(command, "Context") =>
        {
            let receiver = if method.sig.receiver().is_some() { "&self, " } else { "" };
            let waits = if shape == Shape::Executes { "async " } else { "" };
            let help = format!("write `{waits}fn {name}({receiver}command: …, ctx: &Context)`");
            cx.error_help(context, "the command comes first, and the context behind it", help);
            parameters.swap(0, 1);
        }
        (Shape::AnswersFromViews, [query, views]) if is_named(views, "Views") && !is_named(query, "Views") => {
            let help = format!("write `async fn {name}(views: &Views<Self>, query: …)`");
            cx.error_help(views, "the views come first, and the query behind them", help);
            parameters.remove(1);
        }
        (Shape::AnswersFromViews, [views, ..]) if is_borrowed(views) => {
            let views = &*views.ty;
            parameters.remove(0);
            return (Some(views), parameters);
        }
        (Shape::AnswersFromViews, [views, query, ..]) if !is_borrowed(query) => {
            let problem = "before the query a handler takes the views that it answers from, by reference";
            cx.error_help(&views.ty, problem, "write `&Views<Self>`");
            parameters.remove(0);
        }
        (Shape::AnswersFromViews, [_, views, ..]) => {
            let help = format!("write `async fn {name}(views: &Views<Self>, query: …)`");
            cx.error_help(views, "the views come first, and the query behind them", help);
            parameters.remove(1);
        }
        // That it takes `&self` instead is said already.
        (Shape::AnswersFromViews, _) if method.sig.receiver().is_some() => {}
        (Shape::AnswersFromViews, _) => {
            let problem = "a query of a read model is answered from its views";
            cx.error_help(name, problem, "make `views: &Views<Self>` the first parameter");
        }
        _ => {}
    }
    (None, parameters)
}

/// Whether it is borrowed and of a type that is called so.
fn is_named(parameter: &PatType, name: &str) -> bool {
    let Type::Reference(reference) = &*parameter.ty else { return false };
    matches!(&*reference.elem, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

fn is_borrowed(parameter: &PatType) -> bool {
    matches!(&*parameter.ty, Type::Reference(_))
}

fn check_attributes(cx: &Ctxt, method: &Method) {
    let mut handles = method.attrs.iter().filter(|attribute| *attribute.path() == symbol::HANDLE);
    if let Some(handle) = handles.next()
        && !matches!(handle.meta, Meta::Path(_))
    {
        let help = "write `#[handle]`; the first parameter says what is handled";
        cx.error_help(handle, "`#[handle]` takes no arguments", help);
    }
    if let Some(again) = handles.next() {
        cx.error_help(again, "`#[handle]` is given twice", "remove one of the two");
    }
    if let Some(on) = method.attribute(symbol::ON) {
        let help = "write two methods";
        cx.error_help(on, "a method either decides, with `#[handle]`, or remembers, with `#[on]`", help);
    }
}

fn check_qualifiers(cx: &Ctxt, method: &Method, shape: Shape) {
    let sig = &method.sig;
    match (shape, &sig.asyncness) {
        (Shape::Decides, Some(token)) => {
            let help = "remove `async`; what has to wait belongs in a `#[command_handlers]` block of a service";
            cx.error_help(token, "an aggregate decides on what it knows, without waiting", help);
        }
        (Shape::Decides, None) | (_, Some(_)) => {}
        (_, None) => {
            let help = format!("write `async fn {}`", sig.ident);
            cx.error_help(sig.fn_token, "this handler must be `async`", help);
        }
    }
    if let Safety::Unsafe(token) = &sig.safety {
        cx.error_help(token, "a handler cannot be `unsafe`: it is called by safe code", "remove `unsafe`");
    }
    if sig.generics.type_params().next().is_some() || sig.generics.const_params().next().is_some() {
        let what = shape.message();
        let help = format!("write a handler for each {what}");
        cx.error_help(&sig.generics.params, format!("a handler cannot be generic: it handles one {what}"), help);
    }
}

fn check_receiver(cx: &Ctxt, method: &Method, receiver: Option<&Receiver>, shape: Shape) {
    let name = &method.sig.ident;
    match (shape, receiver) {
        (Shape::AnswersFromViews, Some(receiver)) => {
            let help = "write `views: &Views<Self>` instead";
            cx.error_help(receiver, "a query is answered from all rows, not from one", help);
        }
        (Shape::Decides, Some(receiver)) if is_mutable(receiver) => {
            let help = "take `&self`, return an event, and change the state in a method with `#[on(…)]`";
            cx.error_help(receiver, "a handler decides; only events change the aggregate", help);
        }
        (Shape::Executes | Shape::Answers, None) => {
            let help = format!("write `async fn {name}(&self, …)`");
            cx.error_help(name, "a handler of a service takes `&self`", help);
        }
        (_, Some(receiver)) if !is_shared(receiver) => {
            cx.error_help(receiver, "a handler borrows what it is called on", "take `&self`");
        }
        _ => {}
    }
}

/// Whether a receiver is `&mut self`, or the same in full: `self: &mut Self`.
pub(super) fn is_mutable(receiver: &Receiver) -> bool {
    is_reference(receiver, true)
}

/// Whether a receiver is `&self`, or the same in full: `self: &Self`.
fn is_shared(receiver: &Receiver) -> bool {
    is_reference(receiver, false)
}

fn is_reference(receiver: &Receiver, mutable: bool) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some() == mutable,
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) => {
                reference.mutability.is_some() == mutable
                    && matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("Self"))
            }
            _ => false,
        },
        _ => false,
    }
}
