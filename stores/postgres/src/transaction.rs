//! Projections that write with statements of their own, in the transaction of their checkpoint.

use std::{error::Error as StdError, fmt, marker::PhantomData, ops::Deref};

use async_trait::async_trait;
use cqrs_core::{
    EventFilter, Position, ReadModelStore as _, StoreError,
    projection::{InTransaction, handle_events},
    store::{Cause, EventPage, Lease, ProjectionSink},
};
use tokio_postgres::{
    Error, Row, Statement, Transaction,
    error::SqlState,
    types::{ToSql, Type},
};

use crate::{
    database::{Database, Parameter, Session},
    error::{Effect, classified, damaged, driver_error, failed, is_outdated, passing},
    patience::in_time,
    prepare::{checkpoint_row, checkpoint_sql, lock},
    rows,
    store::PostgresStore,
    text::stored,
    value::bigint,
};

/// In the place of a shape: the checkpoint is of no read model.
const NO_SHAPE: u64 = 0;

/// The transaction that a projection's statements, and its checkpoint, are written in.
///
/// Statements given as text are prepared once a connection, where that is possible; behind a pooler of transactions they are
/// prepared each time, and [`query_typed`](Transaction::query_typed) saves that. Everything else that a transaction
/// of `tokio-postgres` does for those who only borrow it is there too. To commit and to roll back is the store's.
pub struct PgTransaction<'a> {
    inner: deadpool_postgres::Transaction<'a>,
    transaction_pooling: bool,
}

impl PgTransaction<'_> {
    /// Gives a statement, and says how many rows it changed.
    ///
    /// # Errors
    /// The driver's.
    pub async fn execute(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        self.inner.execute(&self.statement(sql).await?, values).await
    }

    /// The rows of a statement.
    ///
    /// # Errors
    /// The driver's.
    pub async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        self.inner.query(&self.statement(sql).await?, values).await
    }

    /// The row of a statement that gives one.
    ///
    /// # Errors
    /// The driver's, also where there are none or several rows.
    pub async fn query_one(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
        self.inner.query_one(&self.statement(sql).await?, values).await
    }

    /// The row of a statement that gives one or none.
    ///
    /// # Errors
    /// The driver's, also where there are several rows.
    pub async fn query_opt(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error> {
        self.inner.query_opt(&self.statement(sql).await?, values).await
    }

    async fn statement(&self, sql: &str) -> Result<Statement, Error> {
        if self.transaction_pooling { self.inner.prepare(sql).await } else { self.inner.prepare_cached(sql).await }
    }
}

impl<'a> Deref for PgTransaction<'a> {
    type Target = Transaction<'a>;

    fn deref(&self) -> &Transaction<'a> {
        &self.inner
    }
}

impl fmt::Debug for PgTransaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgTransaction").finish_non_exhaustive()
    }
}

/// A projection whose statements write in this store, for the engine to run. Made by [`PostgresStore::projection`].
pub struct PostgresProjection<P> {
    store: PostgresStore,
    projection: PhantomData<fn() -> P>,
}

impl PostgresStore {
    /// Lets a projection write with statements of its own, as in `.run(store.projection::<Signups>())`.
    ///
    /// Its rows and its checkpoint are written in one transaction (R1), which begins by locking the checkpoint. `#[setup]` runs in a
    /// transaction too, once, before the first event: when there is no checkpoint, by one process of those that start. A
    /// role that may not make tables can so run a projection that another has set up.
    #[must_use]
    pub fn projection<P>(&self) -> PostgresProjection<P>
    where
        P: for<'t> InTransaction<PgTransaction<'t>>,
    {
        PostgresProjection { store: self.clone(), projection: PhantomData }
    }
}

impl<P> PostgresProjection<P>
where
    P: for<'t> InTransaction<PgTransaction<'t>>,
{
    fn database(&self) -> &Database {
        &self.store.database
    }

    /// The checkpoint that a row of [`checkpoint_sql`] holds.
    fn known(row: &Row) -> Result<Position, StoreError> {
        let (position, shape) = checkpoint_row(row)?;
        if shape == NO_SHAPE {
            return Ok(position);
        }
        Err(failed(format!("`{}` is the name of a read model: give the projection another", P::PROJECTION_NAME)))
    }

    async fn set_up(&self, session: &mut Session) -> Result<Position, StoreError> {
        let names = &self.database().names;
        let unwritten = |error| classified(error, Effect::None);
        let mut transaction = self.begin(session).await?;
        transaction.batch_execute(&lock(names)).await.map_err(unwritten)?;
        let name = stored(P::PROJECTION_NAME);
        let found = transaction.query_typed(&checkpoint_sql(names), &[(&name, Type::TEXT)]).await.map_err(unwritten)?;
        if let Some(row) = found.first() {
            return Self::known(row);
        }
        P::setup(&mut transaction).await.map_err(unprepared::<P>)?;
        let insert =
            format!("INSERT INTO {} (projection, position, shape) VALUES ($1, 0, $2)", names.of("checkpoints"));
        let values: [Parameter<'_>; 2] = [(&name, Type::TEXT), (&NO_SHAPE.cast_signed(), Type::INT8)];
        transaction.execute_typed(&insert, &values).await.map_err(unwritten)?;
        // Repeated, it finds its own work.
        transaction.inner.commit().await.map_err(unwritten)?;
        Ok(Position::START)
    }

    async fn begin<'s>(&self, session: &'s mut Session) -> Result<PgTransaction<'s>, StoreError> {
        let begun = async { session.client.transaction().await.map_err(|error| classified(error, Effect::None)) };
        let inner = in_time(self.database().patience, Effect::None, begun).await?;
        Ok(PgTransaction { inner, transaction_pooling: self.database().transaction_pooling })
    }

    /// Looks at the checkpoint, and keeps others from moving it until the transaction ends. Says which transaction that is.
    async fn locked(&self, transaction: &PgTransaction<'_>) -> Result<(Position, String), StoreError> {
        let checkpoints = self.database().names.of("checkpoints");
        let sql = format!(
            "SELECT position, shape, pg_current_xact_id()::text FROM {checkpoints} WHERE projection = $1 FOR UPDATE"
        );
        let name = stored(P::PROJECTION_NAME);
        let rows = transaction.query_typed(&sql, &[(&name, Type::TEXT)]).await;
        let rows = rows.map_err(|error| classified(error, Effect::None))?;
        let row = rows.first().ok_or_else(|| failed(format!("`{}` was not prepared", P::PROJECTION_NAME)))?;
        Ok((Self::known(row)?, row.try_get(2).map_err(damaged)?))
    }

    /// Moves the checkpoint, where the transaction is still the one that handlers were called in. A handler that has gone on
    /// after a statement failed has nothing to commit, which the server would not call an error before this.
    async fn moved(&self, transaction: &PgTransaction<'_>, begun: &str, to: Position) -> Result<(), StoreError> {
        let checkpoints = self.database().names.of("checkpoints");
        let sql =
            format!("UPDATE {checkpoints} SET position = $2 WHERE projection = $1 AND pg_current_xact_id()::text = $3");
        let (name, to) = (stored(P::PROJECTION_NAME), bigint(to.0));
        let values: [Parameter<'_>; 3] = [(&name, Type::TEXT), (&to, Type::INT8), (&begun, Type::TEXT)];
        match transaction.execute_typed(&sql, &values).await {
            Ok(0) => Err(failed(format!(
                "a handler of `{}` ended the transaction: its statements must neither commit nor roll back",
                P::PROJECTION_NAME
            ))),
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => Err(failed(format!(
                "a handler of `{}` went on after a statement of its failed, so that nothing can be written: return the error",
                P::PROJECTION_NAME
            ))),
            Err(error) => Err(classified(error, Effect::None)),
        }
    }

    async fn handle_in(&self, session: &mut Session, expected: Position, page: &EventPage) -> Result<(), StoreError> {
        let patience = self.database().patience;
        let mut transaction = self.begin(session).await?;
        let (actual, begun) = in_time(patience, Effect::None, self.locked(&transaction)).await?;
        if actual != expected {
            return Err(StoreError::CheckpointMoved { projection: P::PROJECTION_NAME.to_owned(), expected, actual });
        }
        handle_events::<P, _>(&mut transaction, &page.events, told).await?;
        in_time(patience, Effect::None, self.moved(&transaction, &begun, page.read_to)).await?;
        let committed = transaction.inner.commit();
        in_time(patience, Effect::Commit, async { committed.await.map_err(|error| classified(error, Effect::Commit)) })
            .await
    }
}

#[async_trait]
impl<P> ProjectionSink for PostgresProjection<P>
where
    P: for<'t> InTransaction<PgTransaction<'t>>,
{
    fn name(&self) -> &'static str {
        P::PROJECTION_NAME
    }

    fn filter(&self) -> EventFilter {
        P::filter()
    }

    async fn prepare(&self) -> Result<Position, StoreError> {
        let database = self.database();
        let name = stored(P::PROJECTION_NAME);
        let found = database.read(&checkpoint_sql(&database.names), &[(&name, Type::TEXT)]).await?;
        match found.first() {
            Some(row) => Self::known(row),
            None => {
                let mut session = database.session().await?;
                let position = self.set_up(&mut session).await;
                database.give_back(session, position.as_ref().err());
                position
            }
        }
    }

    async fn checkpoint(&self) -> Result<Position, StoreError> {
        let checkpoint = rows::checkpoint(self.database(), P::PROJECTION_NAME).await?;
        Ok(checkpoint.map_or(Position::START, |(position, _)| position))
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        self.store.lease(P::PROJECTION_NAME).await
    }

    async fn handle(&self, expected: Position, page: &EventPage) -> Result<(), StoreError> {
        let mut session = self.database().session().await?;
        let handled = self.handle_in(&mut session, expected, page).await;
        if handled.is_err() {
            // Among them may be one that no longer fits its table.
            session.client.statement_cache.clear();
        }
        self.database().give_back(session, handled.as_ref().err());
        handled
    }
}

impl<P> fmt::Debug for PostgresProjection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresProjection").field("store", &self.store).finish_non_exhaustive()
    }
}

/// What an error among those of a handler says of the server, if it is no fault of the event.
fn told(error: &(dyn StdError + 'static)) -> Option<StoreError> {
    let error: &Error = error.downcast_ref()?;
    // A table was changed under a prepared statement.
    if is_outdated(error) {
        return Some(StoreError::Unavailable { message: error.to_string(), source: None });
    }
    passing(error)
}

fn unprepared<P>(error: Cause) -> StoreError
where
    P: for<'t> InTransaction<PgTransaction<'t>>,
{
    let known = driver_error(&*error).and_then(passing);
    let message = format!("`{}` cannot be set up: {error}", P::PROJECTION_NAME);
    known.unwrap_or(StoreError::Failed { message, source: Some(error) })
}
