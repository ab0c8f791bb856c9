//! Answering queries from views that are as fresh as asked (R3).

use tokio::time::{Instant, timeout};

use super::Engine;
use crate::{
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
    /// Waits until the projection of a read model has come as far as asked.
    async fn reach(&self, model: &'static str, freshness: Consistency) -> Result<(), QueryError> {
        let projection = self.inner.projections.get(model).ok_or(QueryError::NotProjected { model })?;
        if freshness.after == Position::START || projection.borrow().position >= freshness.after {
            return Ok(());
        }
        let mut projection = projection.clone();
        let began = Instant::now();
        let arrived = projection.wait_for(|status| status.position >= freshness.after || status.stopped.is_some());
        let status = match timeout(freshness.within, arrived).await {
            Ok(Ok(status)) => status.clone(),
            Ok(Err(_)) => {
                return Err(QueryError::ProjectionStopped { model, cause: "its task has ended".into() });
            }
            Err(_) => {
                let reached = self.inner.projections.get(model).map_or(Position::START, |now| now.borrow().position);
                let waited = began.elapsed();
                return Err(QueryError::TooStale { model, wanted: freshness.after, reached, waited });
            }
        };
        match status.stopped {
            Some(cause) if status.position < freshness.after => Err(QueryError::ProjectionStopped { model, cause }),
            _ => Ok(()),
        }
    }
}
