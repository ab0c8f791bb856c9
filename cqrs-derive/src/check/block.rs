use std::collections::HashSet;

use quote::ToTokens as _;

use crate::{
    ctxt::Ctxt,
    impl_block::{ImplBlock, Method},
    model::{
        aggregate::Aggregate,
        handle::Handler,
        on::{On, Variant},
        projection::Projection,
    },
    symbol,
};

/// Two methods for one event: which of them would it be? And an event cannot be ignored and covered.
///
/// Says whether it is known which events are covered: else what seems to be missing may be what was meant.
pub(crate) fn covered_once(cx: &Ctxt, block: &ImplBlock, ons: &[On<'_>], ignored: &[Variant]) -> bool {
    let before = cx.count();
    let mut covered = HashSet::new();
    // Of two methods under conditions only one may be there.
    for on in ons.iter().filter(|on| on.method.cfgs().next().is_none()) {
        for variant in &on.variants {
            if !covered.insert((variant.event, variant.name())) {
                let problem = format!("`{}` is covered twice", variant.ident);
                let help = "keep one `#[on]` for it; one method may do all that the event asks for";
                cx.error_help(&variant.ident, problem, help);
            }
        }
    }
    let mut ignored_once = HashSet::new();
    for variant in ignored {
        let key = (variant.event, variant.name());
        if covered.contains(&key) {
            let problem = format!("`{}` is ignored here and covered by an `#[on]`", variant.ident);
            cx.error_help(&variant.ident, problem, "remove one of the two");
        } else if !ignored_once.insert(key) {
            cx.error_help(&variant.ident, format!("`{}` is ignored twice", variant.ident), "remove one of the two");
        }
    }
    // What handles nothing may have been meant to follow events.
    let undecided = |method: &Method| {
        method.attribute(symbol::HANDLE).is_some() && (method.attribute(symbol::ON).is_some() || method.takes_nothing())
    };
    cx.count() == before && ons.iter().all(|on| on.named) && !block.methods.iter().any(undecided)
}

/// The same tokens in one block mean the same type, so this is sure; what is spelt differently rustc finds.
pub(crate) fn handled_once(cx: &Ctxt, handlers: &mut Vec<Handler<'_>>) {
    let mut handled = HashSet::new();
    handlers.retain(|handler| {
        let message = handler.message.to_token_stream();
        let first = handler.method.cfgs().next().is_some() || handled.insert(message.to_string());
        if !first {
            let problem = format!("`{}` is handled twice", crate::model::item::text(&message));
            cx.error_help(message, problem, "keep one handler for it, or write a second type");
        }
        first
    });
}

/// Without it no command that needs a living aggregate could ever succeed.
pub(crate) fn brings_to_life(cx: &Ctxt, aggregate: &Aggregate<'_>) {
    let Aggregate { block, ons, known, .. } = aggregate;
    if *known && !ons.is_empty() && ons.iter().all(|on| on.sound && on.changes) {
        let name = block.type_name();
        let help = "write an `#[on(…)]` without a receiver that returns `Self`, for the event that does";
        cx.error_help(&block.self_ty, format!("no event brings `{name}` to life"), help);
    }
}

/// Whether a block with handlers says what events do, too: else most likely another one does, and this one is a further
/// block that does not say so. Where its handlers are wrong it may be no aggregate's at all.
pub(crate) fn follows_events(cx: &Ctxt, aggregate: &Aggregate<'_>) -> bool {
    let Aggregate { block, ons, ignored, handlers, known, .. } = aggregate;
    let follows = !*known || handlers.is_empty() || !ons.is_empty() || !ignored.is_empty();
    if !follows && handlers.iter().all(|handler| handler.sound) {
        let help = "write a method with `#[on(…)]` for each event; where another block has them, write `#[aggregate(block = 2)]` \
                    here and `blocks = 2` there";
        cx.error_help(&block.self_ty, "no method of this `#[aggregate]` says what an event does", help);
    }
    follows
}

/// Without it the projection would stop at its first event, for want of a row to change.
pub(crate) fn makes_a_row(cx: &Ctxt, projection: &Projection<'_>) {
    let Projection { block, ons, known, .. } = projection;
    if *known && !ons.is_empty() && ons.iter().all(|on| on.sound && on.changes && on.or_insert.is_none()) {
        let name = block.type_name();
        let help = "write an `#[on(…)]` without a receiver that returns `Self`, or `#[on(…, or_insert = …)]` on one that \
                    changes a row";
        cx.error_help(&block.self_ty, format!("no event makes a row of `{name}`"), help);
    }
}
