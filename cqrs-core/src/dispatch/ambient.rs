//! What a service handler passes on to the commands and queries it makes, without being handed it.
//!
//! A handler of a `#[command_handlers]` block executes commands through an engine of its own. They belong to the same
//! conversation, and its receipt must cover their events; a query handler's own queries must be as fresh as it was asked
//! to be. Both travel with the task. What a handler spawns on another task does not take part.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    command::Receipt,
    context::Context,
    query::Consistency,
    store::{Position, Version},
};

#[derive(Clone)]
struct Served {
    ctx: Context,
    reached: Arc<AtomicU64>,
}

tokio::task_local! {
    static SERVED: Served;
    static FRESHNESS: Consistency;
}

/// The context of a command whose caller brings none: new, and if a handler runs on this task, part of what it does.
pub(crate) fn inherited(fresh: Option<Context>) -> Context {
    let fresh = fresh.unwrap_or_default();
    match SERVED.try_with(|served| served.ctx.clone()) {
        Ok(parent) => parent.child(fresh),
        Err(_) => fresh,
    }
}

/// The freshness that the handler on this task was asked for.
pub(crate) fn ambient_consistency() -> Consistency {
    FRESHNESS.try_with(|freshness| *freshness).unwrap_or_default()
}

/// Notes that a command executed on this task wrote up to `position`.
pub(crate) fn note_position(position: Position) {
    let _ = SERVED.try_with(|served| served.reached.fetch_max(position.0, Ordering::Relaxed));
}

/// Runs a service handler. The receipt beside its output covers every command that it executed.
pub async fn serve<T>(ctx: Context, handler: impl Future<Output = T>) -> (T, Receipt<()>) {
    let request = ctx.request_id();
    let served = Served { ctx, reached: Arc::default() };
    let reached = Arc::clone(&served.reached);
    let output = SERVED.scope(served, handler).await;
    let position = Position(reached.load(Ordering::Relaxed));
    note_position(position);
    (output, Receipt { result: (), position, version: Version::START, request })
}

/// Runs a query handler whose own queries are as fresh as it was asked to be.
pub async fn serve_query<T>(freshness: Consistency, handler: impl Future<Output = T>) -> T {
    FRESHNESS.scope(freshness, handler).await
}
