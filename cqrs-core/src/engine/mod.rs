//! The engine: loads, decides, appends; runs projections; answers queries.

mod builder;
pub(crate) mod decision;
mod execute;
mod lane;
mod lanes;
mod projector;
mod query;
mod repeat;

use std::{collections::HashMap, fmt, sync::Arc};

pub use builder::{EngineBuilder, RoutedAggregate, RoutedProjection, StartError};
pub use projector::ProjectionStatus;
pub use query::WaitFor;
use serde_json::Value;
use tokio::task::AbortHandle;

use crate::{
    aggregate::{Aggregate, Decide},
    command::{AggregateCommand, CommandError, CommandHandler, Receipt},
    context::{Clock, Context, IdGenerator},
    dispatch::{
        BoxFuture, CommandRoute, Execute, ExecuteJson, JsonCommands, JsonQueries, QueryJson, QueryRequest, QueryRoute,
        RouteError, run_command, run_query,
    },
    group_commit::GroupCommit,
    query::{Answer, Consistency, ViewQuery},
    read_model::ReadModel,
    store::{EventStore, Position, ReadModelStore, StoreError},
    views::Views,
};

/// Loads, decides, appends; runs projections; answers queries. Cloning is cheap; dropping the last clone ends the
/// projections.
///
/// Commands behave as if they were executed one at a time, across processes: each is decided on the state that the log
/// shows, however many are under way.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
///
/// engine.execute(Open { id: 7, owner: "ann".into() }).await?;
/// let deposited = engine.execute(Deposit { id: 7, amount: 5 }).await?;
/// assert_eq!(deposited.result, 5);
///
/// let balance = engine.query(GetBalance { id: 7 }).after(&deposited).await?;
/// assert_eq!(balance, Some(Balance { id: 7, owner: "ann".into(), amount: 5 }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
struct Options {
    cached_aggregates: usize,
    max_attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { cached_aggregates: 65_536, max_attempts: 64 }
    }
}

type Projections = HashMap<&'static str, projector::Watched>;

struct Inner {
    log: GroupCommit,
    rows: Arc<dyn ReadModelStore>,
    registry: lanes::Registry,
    options: Options,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    commands: Vec<CommandRoute<Engine>>,
    queries: Vec<QueryRoute<Engine>>,
    projections: Projections,
    running: Vec<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.running.iter().for_each(AbortHandle::abort);
    }
}

impl Engine {
    /// An engine on a store that keeps both the log and the read models. To be started within a tokio runtime whose
    /// timer is enabled.
    pub fn builder<S: EventStore + ReadModelStore>(store: S) -> EngineBuilder {
        let store = Arc::new(store);
        EngineBuilder::new(Arc::clone(&store) as Arc<dyn EventStore>, store)
    }

    /// Executes a command of an aggregate.
    pub fn execute<C: AggregateCommand<Aggregate = A, Result = T>, A, T, E>(
        &self,
        command: C,
    ) -> Execute<'_, Self, C, T, E>
    where
        A: Aggregate<Error = E>,
        C::Aggregate: Decide<C>,
    {
        Execute::new(self, command)
    }

    /// Asks a query of a read model.
    pub fn query<Q: ViewQuery<Model: Answer<Q>, Result = T, Error = E>, T, E>(
        &self,
        query: Q,
    ) -> QueryRequest<'_, Self, Q, T, E> {
        QueryRequest::new(self, query)
    }

    /// The rows of a read model.
    #[must_use]
    pub fn views<M: ReadModel>(&self) -> Views<M> {
        Views::new(Arc::clone(&self.inner.rows))
    }

    /// The log, behind the queue that gathers appends into batches.
    #[must_use]
    pub fn log(&self) -> &GroupCommit {
        &self.inner.log
    }

    /// The position of the last event in the log: what a query waits for that must see everything there is.
    pub async fn head(&self) -> Result<Position, StoreError> {
        self.inner.log.store().head().await
    }

    /// How far every projection has come, by name, and whether this process runs it: for a health check.
    ///
    /// ```
    /// # use bank::*;
    /// use cqrs::{MemoryStore, prelude::*};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
    ///
    /// for projection in engine.projections() {
    ///     assert_eq!((projection.name, projection.stopped), ("balances", None));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn projections(&self) -> Vec<ProjectionStatus> {
        let mut projections: Vec<_> = self.inner.projections.values().map(projector::Watched::now).collect();
        projections.sort_by_key(|projection| projection.name);
        projections
    }

    /// Executes the command called `name`, read from JSON. The aggregates are those named to the builder.
    ///
    /// ```
    /// # use bank::*;
    /// use cqrs::{MemoryStore, prelude::*, serde_json::json};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let engine = Engine::builder(MemoryStore::new()).aggregate::<Account>().start().await?;
    ///
    /// engine.execute_json("open", json!({"id": 7, "owner": "ann"})).await?;
    /// let deposited = engine.execute_json("deposit", json!({"id": 7, "amount": 5})).await?;
    /// assert_eq!(deposited.result, json!(5));
    /// # Ok(())
    /// # }
    /// ```
    pub fn execute_json<'a>(&'a self, name: &'a str, command: Value) -> ExecuteJson<'a> {
        ExecuteJson::new(Ok(self), name, command, Some(self.inner.fresh_context()))
    }

    /// Asks the query called `name`, read from JSON.
    pub fn query_json<'a>(&'a self, name: &'a str, query: Value) -> QueryJson<'a> {
        QueryJson::new(Ok(self), name, query)
    }
}

impl Inner {
    fn fresh_context(&self) -> Context {
        Context::from_sources(&*self.clock, &self.ids)
    }
}

impl<C> CommandHandler<C> for Engine
where
    C: AggregateCommand,
    C::Aggregate: Decide<C>,
{
    fn fresh_context(&self) -> Option<Context> {
        Some(self.inner.fresh_context())
    }

    async fn handle(&self, command: C, ctx: Context) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        self.inner.execute(command, ctx).await
    }
}

impl JsonCommands for Engine {
    fn command_names(&self) -> Vec<&'static str> {
        self.inner.commands.iter().map(|route| route.name).collect()
    }

    fn fresh_context(&self) -> Option<Context> {
        Some(self.inner.fresh_context())
    }

    fn execute_json<'a>(
        &'a self,
        name: &'a str,
        command: Value,
        ctx: Context,
    ) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>> {
        run_command(&self.inner.commands, self, name, command, ctx)
    }
}

impl JsonQueries for Engine {
    fn query_names(&self) -> Vec<&'static str> {
        self.inner.queries.iter().map(|route| route.name).collect()
    }

    fn query_json<'a>(
        &'a self,
        name: &'a str,
        query: Value,
        freshness: Consistency,
    ) -> BoxFuture<'a, Result<Value, RouteError>> {
        run_query(&self.inner.queries, self, name, query, freshness)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("projections", &self.projections()).finish_non_exhaustive()
    }
}
