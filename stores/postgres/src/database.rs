//! The connections of a store, and how statements go through them.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use cqrs_core::StoreError;
use deadpool_postgres::{Object, Pool};
use tokio_postgres::{
    Error, Row,
    types::{ToSql, Type},
};

use crate::{
    error::{Effect, classified, is_outdated, unconnected},
    names::Names,
    patience::{in_time, is_silent},
    sql::Sql,
};

/// How often a read that failed for a reason that may pass is repeated, and how long after the first time; each pause is
/// twice the one before it.
const READ_REPEATS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// How much longer a write may take than a read: a batch is up to 256 megabytes, and waits for those of others.
const WRITES: u32 = 4;

/// A value to be bound, and its type on the server.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A log's place on a server: a pool of connections, and the statements in the log's names.
pub(crate) struct Database {
    pub(crate) pool: Pool,
    /// How long the server may take for an answer.
    pub(crate) patience: Duration,
    pub(crate) names: Names,
    pub(crate) sql: Sql,
    /// What the server calls an array of new events.
    pub(crate) new_events: Type,
    /// Whether a connection is another one for the server from transaction to transaction, so that nothing can be
    /// prepared on it.
    pub(crate) transaction_pooling: bool,
}

impl Database {
    /// A connection for a few statements.
    pub(crate) async fn session(&self) -> Result<Session, StoreError> {
        let client = self.pool.get().await.map_err(unconnected)?;
        Ok(Session { client, transaction_pooling: self.transaction_pooling })
    }

    /// The rows of a statement that only reads: given again where the server is away for a moment.
    pub(crate) async fn read(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        self.read_within(self.patience, sql, parameters).await
    }

    /// As [`read`](Self::read), of a statement that may take as long as the server lets it.
    pub(crate) async fn query(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        self.read_within(Duration::MAX, sql, parameters).await
    }

    async fn read_within(
        &self,
        patience: Duration,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let mut pause = FIRST_PAUSE;
        let mut repeats = 0;
        loop {
            match self.call(patience, sql, parameters, Effect::None).await {
                Err(error @ StoreError::Unavailable { .. }) if repeats < READ_REPEATS => {
                    repeats += 1;
                    tracing::warn!(%error, repeats, "a read is repeated");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                answer => return answer,
            }
        }
    }

    /// The rows of a statement that writes, with a commit of its own. Given once: whether to repeat it is the caller's to
    /// say.
    pub(crate) async fn write(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        self.call(self.patience.saturating_mul(WRITES), sql, parameters, Effect::Commit).await
    }

    async fn call(
        &self,
        patience: Duration,
        sql: &str,
        parameters: &[Parameter<'_>],
        effect: Effect,
    ) -> Result<Vec<Row>, StoreError> {
        let session = self.session().await?;
        let answer = {
            // In its place, for a future that is handed on is kept twice.
            let asked = pin!(async { session.query(sql, parameters).await.map_err(|error| classified(error, effect)) });
            in_time(patience, effect, asked).await
        };
        self.give_back(session, answer.as_ref().err());
        answer
    }

    /// Gives a connection back to the pool. One that has fallen silent is closed instead, and with it those that are idle,
    /// which are no better as a rule: who calls next would wait for each of them as long.
    pub(crate) fn give_back(&self, session: Session, error: Option<&StoreError>) {
        if error.is_some_and(is_silent) {
            drop(Object::take(session.client));
            self.pool.retain(|_, _| false);
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("names", &self.names)
            .field("pool", &self.pool.status())
            .finish_non_exhaustive()
    }
}

/// A connection of the pool. It goes back when dropped.
pub(crate) struct Session {
    pub(crate) client: Object,
    transaction_pooling: bool,
}

impl Session {
    /// The rows of a statement. It is prepared once a connection, where that is possible.
    pub(crate) async fn query(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        if self.transaction_pooling {
            return self.client.query_typed(sql, parameters).await;
        }
        let types: Vec<Type> = parameters.iter().map(|(_, declared)| declared.clone()).collect();
        let values: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|(value, _)| *value).collect();
        let statement = self.client.prepare_typed_cached(sql, &types).await?;
        match self.client.query(&statement, &values).await {
            // Nothing has run yet.
            Err(error) if is_outdated(&error) => {
                self.client.statement_cache.remove(sql, &types);
                let statement = self.client.prepare_typed_cached(sql, &types).await?;
                self.client.query(&statement, &values).await
            }
            answer => answer,
        }
    }
}

/// What every part of a store shares.
pub(crate) type SharedDatabase = Arc<Database>;
