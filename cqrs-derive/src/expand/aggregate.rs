//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     const _: () = __cqrs::assert_covered(__cqrs::TypesOf::<UserEvent>::TYPES, &["Created", …], ("UserEvent", "aggregate", false));
//!     impl __cqrs::Aggregate for User {
//!         type Event = __cqrs::Known<UserEvent, { <UserEvent as __cqrs::IsEvent>::FACT }>;
//!         type Error = __cqrs::Known<UserError, { <UserError as __cqrs::IsError>::FACT }>;
//!         const SNAPSHOTS: __cqrs::Kept<Self> = __cqrs::snapshots::<User>(100, 0);
//!         #[inline]
//!         fn creates(event: &UserEvent) -> bool {
//!             matches!(event, UserEvent::Created { .. })
//!         }
//!         #[inline]
//!         fn apply(state: &mut Option<Self>, event: UserEvent) -> Result<(), __cqrs::Misapplied> {
//!             match event {
//!                 UserEvent::Created { email, .. } => {
//!                     __cqrs::born(state, "Created", Self::created(__cqrs::field(email)))?
//!                 }
//!                 UserEvent::Deactivated { .. } => Self::deactivated(__cqrs::living(state, "Deactivated")?),
//!                 other => __cqrs::uncovered::<Self>(&other)?,
//!             }
//!             Ok(())
//!         }
//!         fn not_found(id: &Uuid) -> Option<UserError> {
//!             Some(UserError::NotFound(__cqrs::id_for(id)))
//!         }
//!     }
//!     impl __cqrs::Decide<DeactivateUser> for User where DeactivateUser: __cqrs::Command {
//!         const TARGET: __cqrs::Target = __cqrs::Target::Living;
//!         #[inline]
//!         fn decide(state: Option<&Self>, command: &DeactivateUser, ctx: &Context) -> __cqrs::Decision<Self, DeactivateUser> {
//!             let handler = __cqrs::Handles::<Self, DeactivateUser>::NEW;
//!             let state = handler.living(state, command)?;
//!             let command = Clone::clone(command);
//!             handler.output(Self::deactivate(state, command, ctx)).decision()
//!         }
//!     }
//!     impl __cqrs::CommandRoutes<__cqrs::Engine> for User { … }
//! };
//! ```

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Path, spanned::Spanned as _};

use super::{
    call,
    known::known,
    on,
    routes::{self, Routes},
};
use crate::{
    impl_block::ImplBlock,
    model::{
        aggregate::Aggregate,
        block::located,
        handle::Handler,
        on::{On, Variant},
        part::{Further, Part},
        snapshot::Snapshot,
    },
    symbol,
};

/// `unknown` is a type for what is missing.
pub(crate) fn expand(aggregate: &Aggregate<'_>, unknown: Option<&TokenStream>) -> TokenStream {
    let Aggregate { block, .. } = aggregate;
    let self_ty = &block.self_ty;
    // All at the event: that it is none is then reported there, and once.
    let span = aggregate.event.as_ref().map_or_else(Span::call_site, |event| located(event.span()));
    let event = match &aggregate.event {
        Some(event) => known(event, "IsEvent", &block.generics),
        None => quote!(#unknown),
    };
    let error = match (&aggregate.error, &aggregate.event) {
        (Some(error), _) => known(error, "IsError", &block.generics),
        (None, Some(_)) => quote!(#unknown),
        (None, None) => quote!(Self::Event),
    };
    let covered = aggregate.event.as_ref().filter(|_| aggregate.known).map(|event| {
        on::covered(symbol::AGGREGATE, std::slice::from_ref(event), 0, &aggregate.ons, &aggregate.ignored)
    });
    let snapshots = snapshots(aggregate);
    let (creates, apply) = match &aggregate.event {
        Some(event) => (creates(aggregate, event), apply(aggregate, event)),
        None => (quote!(loop {}), quote!(loop {})),
    };
    let not_found = domain_error("not_found", aggregate.not_found.as_ref());
    let already_exists = domain_error("already_exists", aggregate.already_exists.as_ref());
    let decisions = aggregate.handlers.iter().map(|handler| decide(block, handler));
    let routes = routes(block, &aggregate.part, &aggregate.handlers);
    let fallbacks = fallbacks();
    let memory = quote_spanned! {span=>
        #[automatically_derived]
        // The last arm is for events whose absence is reported already.
        #[allow(unreachable_patterns, clippy::unneeded_struct_pattern)]
        impl __cqrs::Aggregate for #self_ty {
            type Event = #event;
            type Error = #error;
            #snapshots
            #[inline]
            fn creates(__cqrs_event: &Self::Event) -> bool {
                #creates
            }
            #[inline]
            fn apply(
                __cqrs_state: &mut __cqrs::Option<Self>,
                __cqrs_event: Self::Event,
            ) -> __cqrs::Result<(), __cqrs::Misapplied> {
                #apply
            }
            #not_found
            #already_exists
        }
    };
    aggregate.crate_path.block(quote! {
        #fallbacks
        #covered
        #memory
        #(#decisions)*
        #routes
    })
}

/// What a handler is taken for where it is none, so that this is said once.
fn fallbacks() -> TokenStream {
    quote!(
        use __cqrs::{NoDecision as _, NoTypes as _, NotHandled as _};
    )
}

/// A further block: decisions, and their routes.
pub(crate) fn further(further: &Further<'_>) -> TokenStream {
    let Further { block, part, handlers, .. } = further;
    let decisions = handlers.iter().map(|handler| decide(block, handler));
    let routes = routes(block, part, handlers);
    let fallbacks = fallbacks();
    further.crate_path.block(quote!(#fallbacks #(#decisions)* #routes))
}

fn routes(block: &ImplBlock, part: &Part, handlers: &[Handler<'_>]) -> TokenStream {
    let check = |handler: &Handler<'_>| {
        let (command, span) = (handler.message, located(handler.message.span()));
        let returns = call::nameable(handler).then(|| call::returns(handler));
        quote_spanned!(span=> __cqrs::Handles::<Self, #command>::NEW.command::<#command>() #returns)
    };
    routes::commands(&Routes { block, part, handlers }, &quote!(__cqrs::Engine), check)
}

/// The call names the state as the user does, who so sees there what it lacks.
fn snapshots(aggregate: &Aggregate<'_>) -> Option<TokenStream> {
    let Snapshot { every, version } = aggregate.snapshot.as_ref()?;
    let state = &aggregate.block.self_ty;
    let (every, version) = (Literal::u64_unsuffixed(*every), Literal::u64_unsuffixed(*version));
    let snapshots = call::runtime("snapshots", Some(quote!(#state)), state, &[quote!(#every), quote!(#version)]);
    Some(quote!(const SNAPSHOTS: __cqrs::Kept<Self> = #snapshots;))
}

fn creates(aggregate: &Aggregate<'_>, event: &Path) -> TokenStream {
    let creating: Vec<_> = aggregate.ons.iter().filter(|on| !on.changes && !on.variants.is_empty()).collect();
    let patterns = |on: &On<'_>| on.variants.iter().map(|variant| on::any(event, variant)).collect::<Vec<_>>();
    if !creating.is_empty() && creating.iter().all(|on| on.method.cfgs().next().is_none()) {
        let patterns = creating.iter().flat_map(|on| patterns(on));
        return quote!(__cqrs::core::matches!(__cqrs_event, #(#patterns)|*));
    }
    let arms = creating.iter().map(|on| {
        let (cfgs, patterns) = (on.method.cfgs(), patterns(on));
        quote!(#(#cfgs)* #(#patterns)|* => true,)
    });
    quote!(match __cqrs_event { #(#arms)* _ => false })
}

fn apply(aggregate: &Aggregate<'_>, event: &Path) -> TokenStream {
    let arms = on::called(&aggregate.ons).map(|(on, variant)| arm(event, variant, on));
    let ignored = on::passed_over(&aggregate.ons, &aggregate.ignored).map(|(cfgs, variant)| {
        let pattern = on::any(event, variant);
        quote!(#(#cfgs)* #pattern => {})
    });
    quote! {
        match __cqrs_event {
            #(#arms)*
            #(#ignored)*
            __cqrs_other => __cqrs::uncovered::<Self>(&__cqrs_other)?,
        }
        __cqrs::Ok(())
    }
}

fn arm(event: &Path, variant: &Variant, on: &On<'_>) -> TokenStream {
    let cfgs = on.method.cfgs();
    let pattern = on::pattern(event, variant, on);
    let name = variant.name();
    let sig = &on.method.sig;
    let arguments = on::arguments(on);
    if on.changes {
        let living = quote!(__cqrs::living(__cqrs_state, #name)?);
        let arguments: Vec<_> = std::iter::once(living).chain(arguments).collect();
        let call = call::call(&sig.ident, &sig.ident, &arguments);
        quote!(#(#cfgs)* #pattern => #call,)
    } else {
        let call = call::call(&sig.ident, output(on), &arguments.collect::<Vec<_>>());
        let born = call::runtime("born", None, output(on), &[quote!(__cqrs_state), quote!(#name), call]);
        quote!(#(#cfgs)* #pattern => #born?,)
    }
}

/// What a method returns, for where its call is reported.
pub(super) fn output(on: &On<'_>) -> TokenStream {
    match &on.method.sig.output {
        syn::ReturnType::Type(_, output) => quote!(#output),
        syn::ReturnType::Default => {
            let name = &on.method.sig.ident;
            quote!(#name)
        }
    }
}

fn domain_error(method: &str, error: Option<&Path>) -> Option<TokenStream> {
    let error = error?;
    let method = Ident::new(method, located(error.span()));
    let span = error.segments.last().map_or_else(|| error.span(), |last| last.ident.span());
    let id = quote_spanned!(located(span)=> __cqrs::id_for(__cqrs_id));
    Some(quote! {
        fn #method(__cqrs_id: &__cqrs::IdOf<Self>) -> __cqrs::Option<Self::Error> {
            __cqrs::Some(#error(#id))
        }
    })
}

fn decide(block: &ImplBlock, handler: &Handler<'_>) -> TokenStream {
    let (self_ty, command) = (&block.self_ty, handler.message);
    let cfgs = handler.method.cfgs();
    let target = if handler.receiver { quote!(Living) } else { quote!(New) };
    let span = located(command.span());
    // Reported at the command: that it is none that can be cloned, and that the method takes another type.
    let message = Ident::new("__cqrs_command", span);
    let owned = quote_spanned!(span=> let #message = <#command as __cqrs::Clone>::clone(#message););
    let owned = (!handler.by_reference).then_some(owned);
    let asked = if handler.receiver {
        quote!(let __cqrs_state = __cqrs_handler.living(__cqrs_state, __cqrs_command)?;)
    } else {
        quote!(__cqrs_handler.unborn(__cqrs_state, __cqrs_command)?;)
    };
    let living = handler.receiver.then(|| quote!(__cqrs_state));
    let context = call::context(handler, "__cqrs_ctx").map(|ctx| quote!(#ctx));
    let arguments: Vec<_> = living.into_iter().chain([quote!(#message)]).chain(context).collect();
    let call = call::call(&handler.method.sig.ident, handler.output, &arguments);
    let decision = if call::nameable(handler) {
        quote!(__cqrs_handler.output(#call).decision())
    } else {
        call::runtime("decision", Some(quote!(Self, #command)), handler.output, &[call])
    };
    let handler_of = quote!(let __cqrs_handler = __cqrs::Handles::<Self, #command>::NEW;);
    let body = call::body(handler, quote!(#handler_of #asked #owned #decision));
    let bounds = call::bounded(block, span, &quote_spanned!(span=> #command: __cqrs::Command));
    quote_spanned! {span=>
        #(#cfgs)*
        #[automatically_derived]
        impl __cqrs::Decide<#command> for #self_ty #bounds {
            const TARGET: __cqrs::Target = __cqrs::Target::#target;
            #[inline]
            fn decide(
                __cqrs_state: __cqrs::Option<&Self>,
                __cqrs_command: &#command,
                __cqrs_ctx: &__cqrs::Context,
            ) -> __cqrs::Decision<Self, #command> {
                #body
            }
        }
    }
}
