//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     const _: () = __cqrs::assert_covered(__cqrs::TypesOf::<UserEvent>::TYPES, &["Created", …], ("UserEvent", "projection", false));
//!     impl __cqrs::TransactionProjection for Signups {
//!         const PROJECTION_NAME: &'static str = "signups";
//!         type Event = __cqrs::Known<UserEvent, { <UserEvent as __cqrs::IsEvent>::FACT }>;
//!     }
//!     impl<'tx> __cqrs::InTransaction<PgTransaction<'tx>> for Signups {
//!         fn setup<'a>(tx: &'a mut PgTransaction<'tx>) -> __cqrs::BoxFuture<'a, Result<(), __cqrs::Cause>> {
//!             __cqrs::boxed(async move { __cqrs::written(Self::setup(__cqrs::transaction(tx)).await) })
//!         }
//!         fn handle<'a>(tx: &'a mut PgTransaction<'tx>, event: UserEvent, recorded: &'a RecordedEvent)
//!             -> __cqrs::BoxFuture<'a, Result<(), __cqrs::Cause>> {
//!             __cqrs::boxed(async move {
//!                 match event {
//!                     UserEvent::Created { email, .. } => {
//!                         __cqrs::written(Self::created(__cqrs::transaction(tx), __cqrs::field(email)).await)
//!                     }
//!                     UserEvent::Viewed { .. } => Ok(()),
//!                     other => __cqrs::unwritten(&other),
//!                 }
//!             })
//!         }
//!     }
//! };
//! ```

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Type, spanned::Spanned as _};

use super::{aggregate::output, call, on};
use crate::{
    model::{
        block::located,
        on::{On, Variant},
        statements::{Setup, Statements},
    },
    symbol,
};

/// `unknown` is a type for the events, if they are missing.
pub(crate) fn expand(statements: &Statements<'_>, unknown: Option<TokenStream>) -> TokenStream {
    let Statements { block, events, name, .. } = statements;
    let self_ty = &block.self_ty;
    let assertion = |place| on::covered(symbol::PROJECTION, events, place, &statements.ons, &statements.ignored);
    let covered = statements.known.then(|| (0..events.len()).map(assertion).collect::<TokenStream>());
    let bounds = &block.generics.where_clause;
    let (event, handle) = match unknown {
        None => (on::joined(events, &block.generics), handle(statements)),
        Some(unknown) => (unknown, quote!(loop {})),
    };
    let (transaction, generics) = match named(statements.transaction.to_token_stream()) {
        // Any will do: what is wrong with all that shows it has been said, and is not to be said of it too.
        _ if statements.transaction.is_none() || !is_shown(statements) => {
            (quote!(__CqrsTransaction), Some(quote!(<__CqrsTransaction>)))
        }
        (transaction, borrows) => (transaction, borrows.then(|| quote!(<'tx>))),
    };
    let setup = statements.setup.as_ref().filter(|setup| setup.sound).map(|setup| self::setup(setup, &transaction));
    statements.crate_path.block(quote! {
        use __cqrs::NoTypes as _;
        #covered
        #[automatically_derived]
        impl __cqrs::TransactionProjection for #self_ty #bounds {
            const PROJECTION_NAME: &'static __cqrs::core::primitive::str = #name;
            type Event = #event;
        }
        #[automatically_derived]
        // The last arm is for events whose absence is reported already.
        #[allow(unreachable_patterns, clippy::unneeded_struct_pattern)]
        impl #generics __cqrs::InTransaction<#transaction> for #self_ty #bounds {
            #setup
            fn handle<'__cqrs>(
                __cqrs_tx: &'__cqrs mut #transaction,
                __cqrs_event: Self::Event,
                __cqrs_recorded: &'__cqrs __cqrs::RecordedEvent,
            ) -> __cqrs::BoxFuture<'__cqrs, __cqrs::Result<(), __cqrs::Cause>> {
                #handle
            }
        }
    })
}

/// Whether a method shows what the transaction is, or none has to.
fn is_shown(statements: &Statements<'_>) -> bool {
    let mut sound = statements.ons.iter().map(|on| on.sound).chain(statements.setup.iter().map(|setup| setup.sound));
    statements.ons.is_empty() && statements.setup.is_none() || sound.any(|sound| sound)
}

fn setup(setup: &Setup<'_>, transaction: &TokenStream) -> TokenStream {
    let cfgs = setup.method.cfgs();
    let output = match &setup.method.sig.output {
        syn::ReturnType::Type(_, output) => output.to_token_stream(),
        syn::ReturnType::Default => TokenStream::new(),
    };
    let written = written(&setup.method.sig.ident, &output, &[handed(setup.transaction)]);
    quote! {
        #(#cfgs)*
        fn setup<'__cqrs>(
            __cqrs_tx: &'__cqrs mut #transaction,
        ) -> __cqrs::BoxFuture<'__cqrs, __cqrs::Result<(), __cqrs::Cause>> {
            __cqrs::boxed(async move { #written })
        }
    }
}

fn handle(statements: &Statements<'_>) -> TokenStream {
    let events = &statements.events;
    let arms = on::called(&statements.ons).map(|(on, variant)| arm(statements, variant, on));
    let ignored = on::passed_over(&statements.ons, &statements.ignored).map(|(cfgs, variant)| {
        let pattern = on::nested(events, variant.event, &on::any(&events[variant.event], variant));
        quote!(#(#cfgs)* #pattern => __cqrs::Ok(()),)
    });
    quote! {
        __cqrs::boxed(async move {
            match __cqrs_event {
                #(#arms)*
                #(#ignored)*
                __cqrs_other => __cqrs::unwritten(&__cqrs_other),
            }
        })
    }
}

fn arm(statements: &Statements<'_>, variant: &Variant, on: &On<'_>) -> TokenStream {
    let cfgs = on.method.cfgs();
    let pattern = on::pattern(&statements.events[variant.event], variant, on);
    let pattern = on::nested(&statements.events, variant.event, &pattern);
    let arguments: Vec<_> = on.transaction.map(handed).into_iter().chain(on::arguments(on)).collect();
    let written = written(&on.method.sig.ident, &output(on), &arguments);
    quote!(#(#cfgs)* #pattern => #written,)
}

/// `written(Self::name(arguments).await)`
fn written(name: &Ident, output: &impl ToTokens, arguments: &[TokenStream]) -> TokenStream {
    let call = call::awaited(&call::call(name, output, arguments), output);
    call::runtime("written", None, output, &[call])
}

/// The transaction, for a parameter of this type.
fn handed(ty: &Type) -> TokenStream {
    let tx = quote_spanned!(located(ty.span())=> __cqrs_tx);
    call::runtime("transaction", None, ty, &[tx])
}

/// A type with a name for its lifetimes without one, and whether it has any.
fn named(ty: TokenStream) -> (TokenStream, bool) {
    let mut found = false;
    let mut quoted = false;
    let tokens = ty.into_iter().map(|token| {
        let is_lifetime = std::mem::take(&mut quoted);
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '\'' && punct.spacing() == Spacing::Joint => {
                quoted = true;
                punct.into()
            }
            TokenTree::Ident(ident) if is_lifetime && ident == "_" => {
                found = true;
                Ident::new("tx", Span::call_site().located_at(ident.span())).into()
            }
            TokenTree::Group(group) => {
                let (inner, any) = named(group.stream());
                found |= any;
                let mut named = Group::new(group.delimiter(), inner);
                named.set_span(group.span());
                named.into()
            }
            other => other,
        }
    });
    let tokens = tokens.collect();
    (tokens, found)
}
