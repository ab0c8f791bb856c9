//! An impl block: its signatures are parsed, its bodies stay tokens.
//!
//! What the user wrote comes out token by token whatever is wrong with it, so a half-typed block stays an editor's
//! to complete. Bodies are most of it, and nothing here depends on them.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{
    Attribute, FnArg, Generics, Pat, Signature, Token, Type, Visibility, WhereClause,
    ext::IdentExt as _,
    parse::{Parse as _, ParseStream, Parser as _},
    token,
};

use crate::{
    ctxt::Ctxt,
    helper_attr,
    model::block::located,
    symbol::{self, Symbol},
};

/// An impl block of a type's own methods.
pub(crate) struct ImplBlock {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    pub(crate) methods: Vec<Method>,
}

/// A method, without its body.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) sig: Signature,
    /// Whether rustc knows which one is called: its name is its own, as are those of its parameters, and the block is one
    /// that can be read.
    pub(crate) callable: bool,
}

impl ImplBlock {
    /// Reads the block that `#[attribute]` stands on. What cannot be read is noted and left out.
    pub(crate) fn parse(cx: &Ctxt, item: TokenStream, attribute: Symbol) -> Option<Self> {
        let mut read = None;
        let parse = |input: ParseStream<'_>| {
            read = Some(block(cx, input, attribute)?);
            Ok(())
        };
        // What is left over of a method that could not be read is said already.
        match (parse.parse2(item), read) {
            (_, Some(block)) => block,
            (result, None) => {
                result.err().into_iter().for_each(|error| cx.push(error));
                None
            }
        }
    }

    /// The type's name, for suggestions.
    pub(crate) fn type_name(&self) -> String {
        match &self.self_ty {
            Type::Path(path) => path.path.segments.last().map_or_else(String::new, |last| last.ident.to_string()),
            other => other.to_token_stream().to_string(),
        }
    }
}

/// Finds what can be called. Of methods and parameters under conditions that are called alike only one may be there.
fn find_callable(methods: &mut [Method]) {
    let names: Vec<_> = methods.iter().map(|method| method.sig.ident.to_string()).collect();
    let mut always = HashMap::new();
    for (_, name) in methods.iter().zip(&names).filter(|(method, _)| method.cfgs().next().is_none()) {
        *always.entry(name).or_insert(0) += 1;
    }
    for (method, name) in methods.iter_mut().zip(&names) {
        let mut parameters = HashSet::new();
        let differ = method.parameters().all(|name| parameters.insert(name));
        method.callable = differ && always.get(name).is_none_or(|methods| *methods == 1);
    }
}

impl Method {
    fn parameters(&self) -> impl Iterator<Item = &Ident> {
        self.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) if !typed.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) => {
                match &*typed.pat {
                    Pat::Ident(pat) => Some(&pat.ident),
                    _ => None,
                }
            }
            FnArg::Typed(_) | FnArg::Receiver(_) => None,
        })
    }

    /// Whether there is no parameter but a receiver.
    pub(crate) fn takes_nothing(&self) -> bool {
        self.sig.inputs.iter().all(|input| matches!(input, FnArg::Receiver(_)))
    }

    /// The first attribute of this name.
    pub(crate) fn attribute(&self, name: Symbol) -> Option<&Attribute> {
        self.attrs.iter().find(|attribute| *attribute.path() == name)
    }

    /// The conditions under which the method is there; what is generated for it is there under the same.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> + Clone {
        self.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }
}

fn block(cx: &Ctxt, input: ParseStream<'_>, attribute: Symbol) -> syn::Result<Option<ImplBlock>> {
    let attrs = input.call(Attribute::parse_outer)?;
    if !is_impl(input) {
        not_an_impl(cx, input, attribute);
        return Ok(None);
    }
    only_one(cx, &attrs, attribute);
    input.parse::<Option<Token![unsafe]>>()?;
    input.parse::<Token![impl]>()?;
    let mut generics: Generics = if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
    let mut self_ty: Type = input.parse()?;
    ungroup(&mut self_ty);
    if let Some(for_token) = input.parse::<Option<Token![for]>>()? {
        cx.error_help(
            for_token,
            format!("`#[{attribute}]` stands on the type's own `impl` block, not on the `impl` of a trait"),
            "move the methods to a block `impl Type { … }` and put it there",
        );
        skip(input);
        return Ok(None);
    }
    generics.where_clause = input.parse::<Option<WhereClause>>()?;
    let content;
    syn::braced!(content in input);
    content.call(Attribute::parse_inner)?;
    let before = cx.count();
    let mut methods = Vec::new();
    while !content.is_empty() {
        match item(cx, &content, attribute) {
            Ok(method) => methods.extend(method),
            Err(error) => {
                cx.push(error);
                skip_item(&content);
            }
        }
    }
    if cx.count() == before {
        find_callable(&mut methods);
    }
    Ok(Some(ImplBlock { attrs, generics, self_ty, methods }))
}

fn is_impl(input: ParseStream<'_>) -> bool {
    input.peek(Token![impl]) || (input.peek(Token![unsafe]) && input.peek2(Token![impl]))
}

fn not_an_impl(cx: &Ctxt, input: ParseStream<'_>, attribute: Symbol) {
    let _ = Visibility::parse(input);
    let keyword = input.call(Ident::parse_any);
    let name = input.call(Ident::parse_any).map_or_else(|_| "Type".to_owned(), |name| name.to_string());
    skip(input);
    let Ok(keyword) = keyword else {
        let span = proc_macro2::Span::call_site();
        return cx.error_at(span, format!("`#[{attribute}]` stands on an `impl` block"), "write `impl Type { … }`");
    };
    let (kind, subject) = match keyword.to_string().as_str() {
        "struct" | "enum" | "union" => (format!("the `{keyword}` itself"), name),
        other => (format!("`{other}`"), "Type".to_owned()),
    };
    cx.error_help(
        keyword,
        format!("`#[{attribute}]` stands on an `impl` block, not on {kind}"),
        format!("move it to `impl {subject} {{ … }}`, the block with the handlers"),
    );
}

fn item(cx: &Ctxt, input: ParseStream<'_>, attribute: Symbol) -> syn::Result<Option<Method>> {
    let attrs = helper_attr::read(cx, input.call(Attribute::parse_outer)?, attribute);
    input.parse::<Visibility>()?;
    if !is_fn(input) {
        let helpers = [symbol::HANDLE, symbol::ON, symbol::SETUP];
        if let Some(helper) = attrs.iter().find(|attribute| helpers.iter().any(|helper| *attribute.path() == *helper)) {
            let name = helper.path().to_token_stream();
            cx.error_help(helper, format!("`#[{name}]` stands on a method"), "remove it here");
        }
        skip_item(input);
        return Ok(None);
    }
    let mut sig: Signature = input.parse()?;
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input {
            ungroup(&mut typed.ty);
        }
    }
    skip_item(input);
    Ok(Some(Method { attrs, sig, callable: false }))
}

/// Takes off the invisible groups that a `macro_rules!` puts around what it was given, so that `$command` is the command
/// that it stands for.
fn ungroup(ty: &mut Type) {
    while let Type::Group(group) = ty {
        let inner = (*group.elem).clone();
        *ty = inner;
    }
    if let Type::Reference(reference) = ty {
        ungroup(&mut reference.elem);
    }
}

fn is_fn(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        let qualifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr);
        if !qualifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    true
}

/// Everything up to the end of an item: its braces or its semicolon.
fn skip_item(input: ParseStream<'_>) {
    while !input.is_empty() {
        let ends = input.peek(Token![;]) || (input.peek(token::Brace) && !input.peek2(Token![;]));
        if input.parse::<TokenTree>().is_err() || ends {
            return;
        }
    }
}

fn skip(input: ParseStream<'_>) {
    while input.parse::<TokenTree>().is_ok() {}
}

fn helper(tree: &TokenTree, attribute: Symbol) -> Option<Symbol> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => helper_attr::helper(group, attribute),
        _ => None,
    }
}

/// The attributes of blocks. A block has one, and takes off itself what else of them stands on it.
const BLOCKS: [Symbol; 4] = [symbol::AGGREGATE, symbol::PROJECTION, symbol::COMMAND_HANDLERS, symbol::QUERY_HANDLERS];

/// The attributes that a block takes off itself.
fn own(attribute: Symbol) -> Vec<Symbol> {
    let data = (attribute == symbol::AGGREGATE).then_some(symbol::CQRS);
    BLOCKS.into_iter().chain(data).collect()
}

fn only_one(cx: &Ctxt, attrs: &[Attribute], attribute: Symbol) {
    for second in attrs.iter().filter(|attr| BLOCKS.iter().any(|block| *attr.path() == *block)) {
        let (problem, help) = if *second.path() == attribute {
            (format!("`#[{attribute}]` is given twice"), "write all of its keys in one".to_owned())
        } else {
            let name = second.path().to_token_stream();
            (
                format!("a block is of one kind, and this one has `#[{attribute}]`"),
                format!("write a block of its own for `#[{name}]`"),
            )
        };
        cx.error_help(second, problem, help);
    }
}

/// The item as the user wrote it, without what belongs to the block's attribute: `#[cqrs(…)]` beneath it, `#[handle]` and
/// `#[on]` on its methods, and `#[recorded]` on their parameters.
pub(crate) fn without_helpers(item: TokenStream, attribute: Symbol) -> TokenStream {
    let mut trees: Vec<TokenTree> = without(item, &own(attribute)).into_iter().collect();
    match trees.last_mut() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            *group = regrouped(group, strip_methods(group.stream(), attribute));
        }
        // What a `macro_rules!` passed on as one item.
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
            *group = regrouped(group, without_helpers(group.stream(), attribute));
        }
        _ => {}
    }
    trees.into_iter().collect()
}

fn strip_methods(items: TokenStream, attribute: Symbol) -> TokenStream {
    let mut output = TokenStream::new();
    let mut input = items.into_iter().peekable();
    let mut in_signature = false;
    let mut lacks_async = false;
    while let Some(tree) = input.next() {
        if is_hash(&tree)
            && let Some(helper) = input.peek().and_then(|next| helper(next, attribute))
        {
            input.next();
            lacks_async |= attribute != symbol::AGGREGATE && helper == symbol::HANDLE;
            output.extend(allowed_by_shape());
            continue;
        }
        match tree {
            TokenTree::Group(group) if in_signature && group.delimiter() == Delimiter::Parenthesis => {
                output.extend([TokenTree::from(regrouped(&group, without(group.stream(), &[symbol::RECORDED])))]);
            }
            tree => {
                match &tree {
                    TokenTree::Ident(ident) if ident == "fn" => {
                        in_signature = true;
                        // That a handler has to wait is said at its signature, and not at each `.await` too.
                        if std::mem::take(&mut lacks_async) {
                            output.extend([TokenTree::from(Ident::new("async", located(ident.span())))]);
                        }
                    }
                    TokenTree::Ident(ident)
                        if ["async", "const", "unsafe", "extern"].iter().any(|word| ident == word) =>
                    {
                        lacks_async = false;
                    }
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => in_signature = false,
                    _ => {}
                }
                output.extend([tree]);
            }
        }
    }
    output
}

/// The tokens without the attributes of these names among them.
pub(crate) fn without(tokens: TokenStream, names: &[Symbol]) -> TokenStream {
    let mut output = TokenStream::new();
    let mut input = tokens.into_iter().peekable();
    while let Some(tree) = input.next() {
        if !is_hash(&tree) || input.next_if(|next| is_attribute(next, names)).is_none() {
            output.extend([tree]);
        }
    }
    output
}

/// The receiver, the `async` and the types of a handler say what it is, whether its body makes use of them or not; and it
/// takes as many fields as the event has.
fn allowed_by_shape() -> TokenStream {
    quote! {
        #[allow(
            clippy::fn_params_excessive_bools,
            clippy::needless_pass_by_ref_mut,
            clippy::needless_pass_by_value,
            clippy::ref_option,
            clippy::too_many_arguments,
            clippy::trivially_copy_pass_by_ref,
            clippy::unnecessary_wraps,
            clippy::unused_async,
            clippy::unused_self
        )]
    }
}

fn is_hash(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '#')
}

/// Whether the tree is what follows the `#` of an attribute with one of these names.
fn is_attribute(tree: &TokenTree, names: &[Symbol]) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    let mut inner = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(inner.next(), Some(TokenTree::Ident(ident)) if names.iter().any(|name| ident == name.0))
        && matches!(inner.next(), None | Some(TokenTree::Group(_)))
}

fn regrouped(old: &Group, stream: TokenStream) -> Group {
    let mut group = Group::new(old.delimiter(), stream);
    group.set_span(old.span());
    group
}
