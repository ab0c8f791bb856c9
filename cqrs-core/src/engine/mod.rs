//! The engine.

use std::{fmt, sync::Arc};

use crate::{
    aggregate::Decide,
    command::{AggregateCommand, CommandError, CommandHandler, Receipt},
    context::Context,
    dispatch::{Execute, QueryRequest},
    query::{Answer, Consistency, QueryHandler, ViewQuery},
};

/// The engine: loads, decides, appends, projects. Cloning is cheap.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<()>,
}

impl Engine {
    /// Executes a command of an aggregate.
    pub fn execute<C>(&self, command: C) -> Execute<'_, Self, C>
    where
        C: AggregateCommand,
        C::Aggregate: Decide<C>,
    {
        Execute::new(self, command)
    }

    /// Asks a query of a read model.
    pub fn query<Q>(&self, query: Q) -> QueryRequest<'_, Self, Q>
    where
        Q: ViewQuery,
        Q::Model: Answer<Q>,
    {
        QueryRequest::new(self, query)
    }
}

impl<C> CommandHandler<C> for Engine
where
    C: AggregateCommand,
    C::Aggregate: Decide<C>,
{
    async fn handle(&self, _command: C, _ctx: Context) -> Result<Receipt<C::Result>, CommandError<C::Error>> {
        std::future::pending().await
    }
}

impl<Q> QueryHandler<Q> for Engine
where
    Q: ViewQuery,
    Q::Model: Answer<Q>,
{
    async fn handle(&self, _query: Q, _freshness: Consistency) -> Result<Q::Result, Q::Error> {
        std::future::pending().await
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
