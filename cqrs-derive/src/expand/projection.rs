//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     const _: () = __cqrs::assert_covered(__cqrs::TypesOf::<UserEvent>::TYPES, &["Created", …], ("UserEvent", "projection", false));
//!     impl __cqrs::Projection for UserView where Self: __cqrs::ReadModel {
//!         type Event = __cqrs::Known<UserEvent, { <UserEvent as __cqrs::IsEvent>::FACT }>;
//!         #[inline]
//!         fn row_key(event: &UserEvent) -> Option<Uuid> {
//!             match event {
//!                 event @ (UserEvent::Created { .. } | UserEvent::Renamed { .. }) => __cqrs::Concerns::<Self, UserEvent>::key(event),
//!                 UserEvent::Invited { guest, .. } => __cqrs::key_of_row::<Self>(guest),
//!                 _ => None,
//!             }
//!         }
//!         fn project(row: Option<Self>, event: UserEvent, recorded: &RecordedEvent) -> Result<Option<Self>, ProjectionError> {
//!             match event {
//!                 UserEvent::Created { email, .. } => {
//!                     __cqrs::new_row(&row, "Created", Self::created(__cqrs::field(email)))
//!                 }
//!                 UserEvent::Renamed { name, .. } => {
//!                     let mut row = __cqrs::existing_row(row, "Renamed")?;
//!                     __cqrs::changed_row(Self::renamed(&mut row, __cqrs::field(name)), row)
//!                 }
//!                 UserEvent::Viewed { .. } => Ok(row),
//!                 other => __cqrs::uncovered_row(&other),
//!             }
//!         }
//!     }
//!     impl __cqrs::Answer<GetUserById> for UserView where GetUserById: __cqrs::ViewQuery<Model = Self> {
//!         async fn answer(views: &Views<Self>, query: GetUserById) -> __cqrs::Answered<GetUserById> {
//!             __cqrs::Answers::<GetUserById>::NEW.output(Self::by_id(__cqrs::views(views), query).await).answered()
//!         }
//!     }
//!     impl __cqrs::QueryRoutes<__cqrs::Engine> for UserView { … }
//! };
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Path, spanned::Spanned as _};

use super::{
    aggregate::output,
    call, on,
    routes::{self, Routes},
};
use crate::{
    impl_block::ImplBlock,
    model::{
        block::located,
        handle::Handler,
        on::{On, Variant},
        part::{Further, Part},
        projection::Projection,
    },
    symbol,
};

/// `unknown` is a type for the events, if they are missing.
pub(crate) fn expand(projection: &Projection<'_>, unknown: Option<TokenStream>) -> TokenStream {
    let Projection { block, events, .. } = projection;
    let self_ty = &block.self_ty;
    let assertion = |place| on::covered(symbol::PROJECTION, events, place, &projection.ons, &projection.ignored);
    let covered = projection.known.then(|| (0..events.len()).map(assertion).collect::<TokenStream>());
    let model = quote_spanned!(located(self_ty.span())=> Self: __cqrs::ReadModel);
    let bounds = call::bounded(block, located(self_ty.span()), &model);
    let (event, row_key, project) = match unknown {
        None => (on::joined(events, &block.generics), row_key(projection), project(projection)),
        Some(unknown) => (unknown, quote!(loop {}), quote!(loop {})),
    };
    let answers = projection.handlers.iter().map(|handler| answer(block, handler));
    let routes = routes(block, &projection.part, &projection.handlers, Some(&keys(projection)));
    projection.crate_path.block(quote! {
        use __cqrs::{NoAnswer as _, NoTypes as _, NotAnswered as _, NotConcerned as _};
        #covered
        #[automatically_derived]
        // The last arm is for events whose absence is reported already.
        #[allow(unreachable_patterns, clippy::unneeded_struct_pattern)]
        impl __cqrs::Projection for #self_ty #bounds {
            type Event = #event;
            #[inline]
            fn row_key(
                __cqrs_event: &Self::Event,
            ) -> __cqrs::Option<__cqrs::KeyOf<Self>> {
                #row_key
            }
            fn project(
                __cqrs_row: __cqrs::Option<Self>,
                __cqrs_event: Self::Event,
                __cqrs_recorded: &__cqrs::RecordedEvent,
            ) -> __cqrs::Result<__cqrs::Option<Self>, __cqrs::ProjectionError> {
                #project
            }
        }
        #(#answers)*
        #routes
    })
}

/// A further block: answers, and their routes.
pub(crate) fn further(further: &Further<'_>) -> TokenStream {
    let Further { block, part, handlers, .. } = further;
    let answers = handlers.iter().map(|handler| answer(block, handler));
    let routes = routes(block, part, handlers, None);
    further.crate_path.block(quote!(use __cqrs::{NoAnswer as _, NotAnswered as _}; #(#answers)* #routes))
}

fn routes(block: &ImplBlock, part: &Part, handlers: &[Handler<'_>], keys: Option<&TokenStream>) -> TokenStream {
    routes::queries(&Routes { block, part, handlers }, &quote!(__cqrs::Engine), keys)
}

/// Asks, once an enum, that the aggregate's id is the row's key where no `key = …` says another.
fn keys(projection: &Projection<'_>) -> TokenStream {
    let keys = projection.events.iter().enumerate().filter(|(place, _)| {
        let ons = by_id(projection).filter(|on| on.method.cfgs().next().is_none());
        ons.flat_map(|on| &on.variants).any(|variant| variant.event == *place)
    });
    let keys = keys.map(|(_, event)| quote_spanned!(located(event.span())=> __cqrs::Concerns::<Self, #event>::by_id()));
    quote!(#(#keys;)*)
}

/// The methods whose row is that of the aggregate's id.
fn by_id<'a>(projection: &'a Projection<'_>) -> impl Iterator<Item = &'a On<'a>> {
    projection.ons.iter().filter(|on| on.sound && on.key.is_none())
}

/// A pattern for an event of the enum at `place`, as one for an event of all enums.
fn nested(projection: &Projection<'_>, place: usize, pattern: &TokenStream) -> TokenStream {
    on::nested(&projection.events, place, pattern)
}

fn row_key(projection: &Projection<'_>) -> TokenStream {
    let by_field = on::called(&projection.ons).filter_map(|(on, variant)| Some((on, variant, on.key.as_ref()?)));
    let by_field = by_field.map(|(on, variant, key)| {
        let (cfgs, ident, member) = (on.method.cfgs(), &variant.ident, on::member(variant, key));
        let event = &projection.events[variant.event];
        let pattern = nested(projection, variant.event, &quote!(#event::#ident { #member: __cqrs_key, .. }));
        let key =
            call::runtime("key_of_row", Some(quote!(Self)), key, &[quote_spanned!(located(key.span())=> __cqrs_key)]);
        quote!(#(#cfgs)* #pattern => #key,)
    });
    // One arm an enum: a key that is not the aggregate's id is one mistake.
    let arms = projection.events.iter().enumerate().map(|(place, event)| {
        let ons = by_id(projection).filter(|on| on.method.cfgs().next().is_none());
        let variants = ons.flat_map(|on| &on.variants).filter(|variant| variant.event == place);
        let patterns: Vec<_> = variants.map(|variant| on::any(event, variant)).collect();
        key_arm(projection, place, &patterns)
    });
    let arms_under_cfg = by_id(projection).flat_map(|on| {
        on.variants.iter().filter(|_| on.method.cfgs().next().is_some()).map(|variant| {
            let (cfgs, pattern) = (on.method.cfgs(), on::any(&projection.events[variant.event], variant));
            let arm = key_arm(projection, variant.event, &[pattern]);
            quote!(#(#cfgs)* #arm)
        })
    });
    quote! {
        match __cqrs_event {
            #(#by_field)*
            #(#arms)*
            #(#arms_under_cfg)*
            _ => __cqrs::None,
        }
    }
}

fn key_arm(projection: &Projection<'_>, place: usize, patterns: &[TokenStream]) -> Option<TokenStream> {
    if patterns.is_empty() {
        return None;
    }
    let pattern = nested(projection, place, &quote!(__cqrs_event @ (#(#patterns)|*)));
    let event = &projection.events[place];
    Some(quote!(#pattern => __cqrs::Concerns::<Self, #event>::key(__cqrs_event),))
}

fn project(projection: &Projection<'_>) -> TokenStream {
    let inserts = projection.ons.iter().any(|on| on.sound && on.or_insert.is_some());
    let key = inserts.then(|| quote!(let __cqrs_key = __cqrs::key_to_insert(&__cqrs_row, &__cqrs_event);));
    let arms = on::called(&projection.ons).map(|(on, variant)| arm(projection, variant, on));
    let ignored = on::passed_over(&projection.ons, &projection.ignored).map(|(cfgs, variant)| {
        let pattern = nested(projection, variant.event, &on::any(&projection.events[variant.event], variant));
        quote!(#(#cfgs)* #pattern => __cqrs::Ok(__cqrs_row),)
    });
    quote! {
        #key
        match __cqrs_event {
            #(#arms)*
            #(#ignored)*
            // Only events of which the compiler has just said that they are not covered get here.
            __cqrs_other => __cqrs::uncovered_row(&__cqrs_other),
        }
    }
}

fn arm(projection: &Projection<'_>, variant: &Variant, on: &On<'_>) -> TokenStream {
    let cfgs = on.method.cfgs();
    let pattern = on::pattern(&projection.events[variant.event], variant, on);
    let pattern = nested(projection, variant.event, &pattern);
    let (method, name) = (&on.method.sig.ident, variant.name());
    let arguments = on::arguments(on);
    if !on.changes {
        let call = call::call(method, output(on), &arguments.collect::<Vec<_>>());
        let made = call::runtime("new_row", None, output(on), &[quote!(&__cqrs_row), quote!(#name), call]);
        return quote!(#(#cfgs)* #pattern => #made,);
    }
    let row = on.or_insert.as_ref().map(|insert| row_or_insert(insert, &name));
    let row = row.unwrap_or_else(|| quote!(__cqrs::existing_row(__cqrs_row, #name)?));
    let arguments: Vec<_> = std::iter::once(quote!(&mut __cqrs_row)).chain(arguments).collect();
    let call = call::call(method, output(on), &arguments);
    let changed = call::runtime("changed_row", None, output(on), &[call, quote!(__cqrs_row)]);
    quote! {
        #(#cfgs)* #pattern => {
            let mut __cqrs_row = #row;
            #changed
        }
    }
}

fn row_or_insert(insert: &Path, variant: &str) -> TokenStream {
    let key = quote_spanned!(located(insert.span())=> __cqrs::key_for(&__cqrs_key));
    quote! {
        match __cqrs::row_or_key(__cqrs_row, __cqrs_key, #variant)? {
            __cqrs::Ok(__cqrs_row) => __cqrs_row,
            __cqrs::Err(__cqrs_key) => #insert(#key),
        }
    }
}

/// The views, for a parameter of this type; what is called and with what are both reported at all of it.
fn views(handler: &Handler<'_>) -> TokenStream {
    let Some(ty) = handler.views else { return quote!(__cqrs_views) };
    let (first, last) = call::ends(ty);
    let path = quote_spanned!(first=> __cqrs::);
    let borrowed = quote_spanned!(first=> &*);
    quote_spanned!(last=> #path views(#borrowed __cqrs_views))
}

fn answer(block: &ImplBlock, handler: &Handler<'_>) -> TokenStream {
    let (self_ty, query) = (&block.self_ty, handler.message);
    let cfgs = handler.method.cfgs();
    let message = call::message(handler, "__cqrs_query");
    let call = call::call(&handler.method.sig.ident, handler.output, &[views(handler), message]);
    let output = call::awaited(&call, handler.output);
    let body = call::body(handler, call::answered(handler, output));
    let span = located(query.span());
    let bounds = call::bounded(block, span, &quote_spanned!(span=> #query: __cqrs::ViewQuery<Model = Self>));
    let method = quote_spanned! {located(handler.method.sig.ident.span())=>
        async fn answer(__cqrs_views: &__cqrs::Views<Self>, __cqrs_query: #query) -> __cqrs::Answered<#query> {
            #body
        }
    };
    quote_spanned! {span=>
        #(#cfgs)*
        #[automatically_derived]
        impl __cqrs::Answer<#query> for #self_ty #bounds {
            #method
        }
    }
}
