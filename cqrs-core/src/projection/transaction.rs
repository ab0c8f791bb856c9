//! Projections that write with statements of their own, in the transaction of their checkpoint.

use std::{
    error::Error,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

use super::panic_text;
use crate::{
    dispatch::BoxFuture,
    engine::decision::corrupt,
    event::EventSet,
    store::{Cause, EventFilter, RecordedEvent, StoreError},
};

/// A projection that writes with statements of its own: for views that one row a key cannot hold.
///
/// Written by `#[projection(…, name = …, transaction = …)]` on an impl block. How it handles events is [`InTransaction`],
/// for the transactions of one kind of store.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection with a transaction",
    label = "does not write in a transaction",
    note = "add `#[projection(event = …, name = \"…\", transaction = …)]` to an `impl {Self}` block"
)]
pub trait TransactionProjection: Send + Sync + 'static {
    /// The name its checkpoint is kept under, `signups`.
    const PROJECTION_NAME: &'static str;

    /// The events it follows.
    type Event: EventSet;

    /// The events it follows, as a store filters them.
    #[must_use]
    fn filter() -> EventFilter {
        EventFilter::types(Self::Event::names())
    }
}

/// How a projection handles its events in a transaction of type `T`.
///
/// A store whose transactions borrow asks for it for all lifetimes: `P: for<'t> InTransaction<PgTransaction<'t>>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not write in a `{T}`",
    label = "no projection into this store",
    note = "add `#[projection(event = …, name = \"…\", transaction = …)]` to an `impl {Self}` block, with the transaction \
            of this store"
)]
pub trait InTransaction<T>: TransactionProjection {
    /// Makes the tables where they are missing. Called in a transaction of its own before the first event is handled: once,
    /// for a projection that has no checkpoint yet, so that later starts need no right to make tables.
    ///
    /// # Errors
    /// Whatever the user's statements fail with.
    fn setup(tx: &mut T) -> BoxFuture<'_, Result<(), Cause>> {
        let _ = tx;
        Box::pin(async { Ok(()) })
    }

    /// Handles one event.
    ///
    /// # Errors
    /// Whatever the user's handler fails with, as it is, so that the driver's own errors can be told.
    fn handle<'a>(tx: &'a mut T, event: Self::Event, recorded: &'a RecordedEvent) -> BoxFuture<'a, Result<(), Cause>>;
}

/// Has a projection handle events in order, in one transaction: what a
/// [`ProjectionSink`](crate::store::ProjectionSink) does between looking at the checkpoint and moving it.
///
/// `passing` tells errors of the driver that will pass, such as a lost connection or a deadlock: it is asked about the error of a
/// handler and every source behind it, and answers [`StoreError::Unavailable`] or [`StoreError::Unknown`] for those. All
/// other errors, panics too, are the event's.
///
/// # Errors
/// What `passing` answers, or [`StoreError::Corrupt`] with the event at fault. The transaction is to be rolled back.
pub async fn handle_events<P, T>(
    tx: &mut T,
    events: &[RecordedEvent],
    passing: impl Fn(&(dyn Error + 'static)) -> Option<StoreError> + Send,
) -> Result<(), StoreError>
where
    P: InTransaction<T>,
    T: Send,
{
    for recorded in events {
        let event =
            P::Event::decode_any(&recorded.event_type, &recorded.payload).map_err(|error| corrupt(recorded, &error))?;
        match unpanicked(|| P::handle(tx, event, recorded)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let known = chain(&*error).find_map(&passing);
                return Err(known.unwrap_or_else(|| corrupt(recorded, &format_args!("{}", in_full(&*error)))));
            }
            Err(panic) => return Err(corrupt(recorded, &format_args!("its handler panicked: {panic}"))),
        }
    }
    Ok(())
}

/// An error and its sources.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'a (dyn Error + 'static)| error.source())
}

/// An error with its sources, where they say more.
fn in_full(error: &(dyn Error + 'static)) -> String {
    chain(error).map(ToString::to_string).fold(String::new(), |said, next| match said.as_str() {
        "" => next,
        _ if said.contains(&next) => said,
        _ => format!("{said}: {next}"),
    })
}

/// Runs a handler of the user's. The error is what it panicked with.
async fn unpanicked<'a, T>(handler: impl FnOnce() -> BoxFuture<'a, T> + Send) -> Result<T, String> {
    let mut running = catch_unwind(AssertUnwindSafe(handler)).map_err(|panic| panic_text(&*panic))?;
    poll_fn(|task| match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(task))) {
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    })
    .await
}
