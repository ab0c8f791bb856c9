//! Answering queries from views that are as fresh as asked (R3).

use std::{future::IntoFuture, time::Duration};

use tokio::time::{Instant, timeout};

use super::{Engine, projector::ENDED};
use crate::{
    dispatch::{BoxFuture, ambient_consistency, with_freshness},
    projection::TransactionProjection,
    query::{Answer, Consistency, QueryError, QueryHandler, ViewQuery},
    read_model::ReadModel as _,
    store::Position,
};

impl<Q> QueryHandler<Q> for Engine
where
    Q: ViewQuery,
    Q::Model: Answer<Q>,
{
    async fn handle(&self, query: Q, freshness: Consistency) -> Result<Q::Result, Q::Error> {
        self.reach(Q::Model::SCHEMA.name, freshness).await?;
        Q::Model::answer(&self.views(), query).await
    }
}

impl Engine {
    /// Waits until a projection that writes with statements of its own has come as far as asked, for whoever then reads
    /// what it wrote.
    ///
    /// In a handler of a `#[query_handlers]` block, that is as far as the query's own caller asked:
    /// `self.engine.wait_for::<Signups>().await?`.
    pub fn wait_for<P: TransactionProjection>(&self) -> WaitFor<'_> {
        WaitFor { engine: self, projection: P::PROJECTION_NAME, freshness: ambient_consistency() }
    }

    /// Waits until a projection has come as far as asked.
    async fn reach(&self, model: &'static str, freshness: Consistency) -> Result<(), QueryError> {
        let projection = self.inner.projections.get(model).ok_or(QueryError::NotProjected { model })?;
        if freshness.after == Position::START || projection.position() >= freshness.after {
            return Ok(());
        }
        let mut watching = projection.watch();
        let began = Instant::now();
        let arrived = watching.wait_for(|status| status.position >= freshness.after || status.stopped.is_some());
        let status = match timeout(freshness.within, arrived).await {
            Ok(Ok(status)) => status.clone(),
            Ok(Err(_)) => {
                return Err(QueryError::ProjectionStopped { model, cause: ENDED.into() });
            }
            Err(_) => {
                let (reached, waited) = (projection.position(), began.elapsed());
                return Err(QueryError::TooStale { model, wanted: freshness.after, reached, waited });
            }
        };
        match status.stopped {
            Some(cause) if status.position < freshness.after => Err(QueryError::ProjectionStopped { model, cause }),
            _ => Ok(()),
        }
    }
}

/// A wait for a projection: await it.
#[must_use = "nothing waits until it is awaited"]
#[derive(Debug)]
pub struct WaitFor<'a> {
    engine: &'a Engine,
    projection: &'static str,
    freshness: Consistency,
}

impl WaitFor<'_> {
    with_freshness!();
}

impl<'a> IntoFuture for WaitFor<'a> {
    type Output = Result<(), QueryError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.engine.reach(self.projection, self.freshness))
    }
}
