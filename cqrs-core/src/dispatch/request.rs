//! A command or a query on its way, with what the caller asks of it.

use std::{future::IntoFuture, sync::Arc, time::Duration};

use uuid::Uuid;

use super::{BoxFuture, Dispatcher, RouteCommand, RouteQuery, ambient_consistency, inherited};
use crate::{
    command::{Command, CommandError, CommandHandler, Receipt},
    context::Context,
    query::{Consistency, Query, QueryHandler},
    store::RequestId,
};

/// What the caller of a command says of it.
macro_rules! with_context {
    () => {
        /// Executes it in this context. A context is one command's: a second one under it is refused as
        /// [`CommandError::RequestReused`](crate::CommandError::RequestReused).
        pub fn context(mut self, ctx: Context) -> Self {
            self.ctx = ctx;
            self
        }

        /// Names this execution: the same id again is answered with the first receipt, and writes nothing (S8).
        ///
        /// That is so for the commands of aggregates, where they wrote something. A service handler runs again, and the
        /// commands it executes and the ids it makes get the same ids as the first time, one after another. So long as it
        /// asks for them in the same order, nothing is written twice, and what was not reached the first time is done now.
        pub fn request_id(mut self, request: impl Into<RequestId>) -> Self {
            self.ctx = self.ctx.with_request_id(request.into());
            self
        }

        /// Says on whose behalf.
        pub fn actor(mut self, actor: impl Into<Arc<str>>) -> Self {
            self.ctx = self.ctx.with_actor(actor);
            self
        }

        /// Joins a conversation.
        pub fn correlation_id(mut self, id: Uuid) -> Self {
            self.ctx = self.ctx.with_correlation_id(id);
            self
        }

        /// Names the cause.
        pub fn causation_id(mut self, id: Uuid) -> Self {
            self.ctx = self.ctx.with_causation_id(id);
            self
        }

        /// Adds an entry to the envelope of its events.
        pub fn metadata(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
            self.ctx = self.ctx.with_metadata(key, value);
            self
        }
    };
}

/// What the caller of a query asks of its answer.
macro_rules! with_freshness {
    () => {
        /// Answers from views that show what the command of this receipt did (R3): waits for them, up to a deadline. Takes a
        /// [`Position`](crate::Position) too; `engine.head().await?` is that of all there is.
        pub fn after(mut self, position: impl $crate::query::WaitedFor) -> Self {
            self.freshness.after = self.freshness.after.max(position.into_position());
            self
        }

        /// How long to wait for the views; five seconds if not said otherwise.
        pub fn within(mut self, limit: Duration) -> Self {
            self.freshness.within = limit;
            self
        }
    };
}

pub(super) use with_context;
pub(crate) use with_freshness;

/// The result of what waits for views: implemented for no type.
#[diagnostic::on_unimplemented(
    message = "a command does not wait for views",
    label = "this is of queries",
    note = "commands are executed one after the other: `.execute(first).await?`, then `.execute(second).await?`; what is to show \
            what they did is a query: `.query(…).after(&receipt)`"
)]
pub trait WaitsForViews {}

/// A command on its way: await it.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).start().await?;
/// engine.execute(Open { id: 7, owner: "ann".into() }).actor("clerk 3").metadata("branch", "Ghent").await?;
///
/// let request = Uuid::now_v7(); // from the client, which may ask twice
/// let first = engine.execute(Deposit { id: 7, amount: 5 }).request_id(request).await?;
/// let again = engine.execute(Deposit { id: 7, amount: 5 }).request_id(request).await?;
/// assert_eq!((again.result, again.version), (5, first.version));
/// # Ok(())
/// # }
/// ```
///
/// Dropping the future while it waits is safe: the command then happens whole or not at all.
///
/// `T` is the command's result, `E` its error.
#[must_use = "a command is executed when it is awaited"]
#[derive(Debug)]
pub struct Execute<'a, H, C, T, E> {
    handler: &'a H,
    command: C,
    ctx: Context,
    run: RunCommand<'a, H, C, T, E>,
}

// How to go on is settled where the request is made, not where it is awaited, and nothing is asked of the command here:
// what nothing handles, or is no command, is then one error, at the command.
type RunCommand<'a, H, C, T, E> = fn(&'a H, C, Context) -> BoxFuture<'a, Result<Receipt<T>, CommandError<E>>>;

impl<'a, H, C: Command> Execute<'a, H, C, C::Result, C::Error> {
    pub(crate) fn new(handler: &'a H, command: C) -> Self
    where
        H: CommandHandler<C>,
    {
        let run: RunCommand<'a, H, C, _, _> = |handler, command, ctx| Box::pin(handler.handle(command, ctx));
        Self { handler, command, ctx: inherited(handler.fresh_context()), run }
    }

    /// Through the field `F` of a dispatcher.
    pub(super) fn routed<F: 'static>(dispatcher: &'a H, command: C) -> Self
    where
        H: RouteCommand<C, F> + Dispatcher,
    {
        let run: RunCommand<'a, H, C, _, _> =
            |dispatcher, command, ctx| Box::pin(dispatcher.command_handler().handle(command, ctx));
        let fresh = dispatcher.command_handler().fresh_context().or_else(|| dispatcher.fresh_context());
        Self { handler: dispatcher, command, ctx: inherited(fresh), run }
    }
}

impl<H, C, T, E> Execute<'_, H, C, T, E> {
    with_context!();

    /// Refused, in words: what waits for views is a query. Nothing is asked of the command, so that what is none is told once.
    #[doc(hidden)]
    pub fn after<P>(self, _: P) -> Self
    where
        T: WaitsForViews,
    {
        self
    }
}

impl<'a, H, C, T, E> IntoFuture for Execute<'a, H, C, T, E> {
    type Output = Result<Receipt<T>, CommandError<E>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        (self.run)(self.handler, self.command, self.ctx)
    }
}

/// A query on its way: await it.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*};
/// use std::time::Duration;
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
/// let opened = engine.execute(Open { id: 7, owner: "ann".into() }).await?;
///
/// let _now = engine.query(GetBalance { id: 7 }).await?; // whatever the view shows
/// let shown = engine.query(GetBalance { id: 7 }).after(&opened).within(Duration::from_secs(1)).await?;
/// assert!(shown.is_some());
/// # Ok(())
/// # }
/// ```
///
/// `T` is the query's result, `E` its error.
#[must_use = "a query is asked when it is awaited"]
#[derive(Debug)]
pub struct QueryRequest<'a, H, Q, T, E> {
    handler: &'a H,
    query: Q,
    freshness: Consistency,
    run: RunQuery<'a, H, Q, T, E>,
}

type RunQuery<'a, H, Q, T, E> = fn(&'a H, Q, Consistency) -> BoxFuture<'a, Result<T, E>>;

impl<'a, H, Q: Query> QueryRequest<'a, H, Q, Q::Result, Q::Error> {
    pub(crate) fn new(handler: &'a H, query: Q) -> Self
    where
        H: QueryHandler<Q>,
    {
        let run: RunQuery<'a, H, Q, _, _> = |handler, query, freshness| Box::pin(handler.handle(query, freshness));
        Self { handler, query, freshness: ambient_consistency(), run }
    }

    /// Through the field `F` of a dispatcher.
    pub(super) fn routed<F: 'static>(dispatcher: &'a H, query: Q) -> Self
    where
        H: RouteQuery<Q, F>,
    {
        let run: RunQuery<'a, H, Q, _, _> =
            |dispatcher, query, freshness| Box::pin(dispatcher.query_handler().handle(query, freshness));
        Self { handler: dispatcher, query, freshness: ambient_consistency(), run }
    }
}

impl<H, Q, T, E> QueryRequest<'_, H, Q, T, E> {
    with_freshness!();
}

impl<'a, H, Q, T, E> IntoFuture for QueryRequest<'a, H, Q, T, E> {
    type Output = Result<T, E>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        (self.run)(self.handler, self.query, self.freshness)
    }
}
