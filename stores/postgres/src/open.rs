//! Opening a store.

use std::{fmt, str::FromStr as _, sync::Arc, time::Duration};

use cqrs_core::{Schema, StoreError};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{
    Config, NoTls, Socket,
    tls::{MakeTlsConnect, TlsConnect},
    types::Type,
};

use crate::{
    connect::{Connector, Pooled, Through},
    database::Database,
    error::{Effect, classified, damaged, unconnected},
    events::array_type,
    migrate::{migrate, script},
    names::Names,
    sql::Sql,
    store::PostgresStore,
    tables::Table,
};

/// The oldest server that the tests run on, as the server itself writes versions.
const OLDEST_SERVER: i32 = 15_00_00;

/// How a store is opened. Made by [`PostgresStore::builder`] and [`PostgresStore::with_pool`].
#[must_use = "`open` opens the store"]
#[derive(Clone)]
pub struct PostgresBuilder {
    source: Source,
    tls: Arc<dyn Connector>,
    schema: String,
    log: Option<String>,
    connections: usize,
    poll_interval: Duration,
    transaction_pooling: bool,
    migrate: bool,
}

#[derive(Clone)]
enum Source {
    Url(String),
    Pool(Pool),
}

impl PostgresBuilder {
    pub(crate) fn from_url(url: String) -> Self {
        Self::new(Source::Url(url))
    }

    pub(crate) fn from_pool(pool: Pool) -> Self {
        Self::new(Source::Pool(pool))
    }

    fn new(source: Source) -> Self {
        Self {
            source,
            tls: Arc::new(Through(NoTls)),
            schema: "cqrs".into(),
            log: None,
            connections: 10,
            poll_interval: Duration::from_millis(50),
            transaction_pooling: false,
            migrate: true,
        }
    }

    /// The schema that the tables are in, made where it is missing. `cqrs` unless set.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The name of the log, where a schema holds several: its tables' names begin with it. Without a name unless set.
    ///
    /// Logs share nothing: each has positions, claims, read models and a lock of its own.
    pub fn log(mut self, log: impl Into<String>) -> Self {
        self.log = Some(log.into());
        self
    }

    /// How many connections the store opens at the most, at least 1; it keeps one more, on which the server says that there
    /// is something new. 10 unless set. Without meaning where the store was given a pool.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How often to look for what other processes wrote, while somebody waits for it: always where the server cannot
    /// notify, that is with a given pool and behind a pooler of transactions, else as a net beneath. 50 milliseconds
    /// unless set.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Whether the connection goes through a pooler that gives it to another client after each transaction, as `PgBouncer`
    /// does in that mode. Nothing is then prepared, nor kept in a session: what other processes write is found by looking, and
    /// processes that run the same projection all work at it. Not so unless set.
    pub fn transaction_pooling(mut self, is_so: bool) -> Self {
        self.transaction_pooling = is_so;
        self
    }

    /// Whether `open` brings the schema up to date. It does unless told not to; it then fails where the schema is old or
    /// missing, and [`schema_sql`](Self::schema_sql) has what to run.
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// Makes connections with TLS, by any connector for `tokio-postgres`; what `sslmode` in the connection string says
    /// holds. Without TLS unless set. Without meaning where the store was given a pool.
    pub fn tls<T>(mut self, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        self.tls = Arc::new(Through(tls));
        self
    }

    /// The numbered steps that make the log's schema, for those who migrate by their own tools.
    ///
    /// # Errors
    /// [`StoreError::Unopenable`] for names that a schema or a log cannot have.
    pub fn schema_sql(&self) -> Result<String, StoreError> {
        Ok(script(&self.names()?))
    }

    /// The statements that make the table of a read model, `UserView::SCHEMA`, for those who migrate by their own tools.
    /// Where the table is there, a projection needs no right to make it.
    ///
    /// # Errors
    /// [`StoreError::Unopenable`] for names that a schema or a log cannot have, [`StoreError::Invalid`] for a name of a table
    /// or a column that the server would cut.
    pub fn table_sql(&self, schema: &'static Schema) -> Result<String, StoreError> {
        Ok(Table::of(schema, &self.names()?)?.create())
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where no server answers, [`StoreError::Unopenable`] where it refuses the role or the
    /// database, is too old, or the store's names are none, [`StoreError::NewerSchema`] where the schema is of a newer
    /// version of this program, [`StoreError::Unwritable`] where it must be made or brought up to date and the role may
    /// not.
    pub async fn open(self) -> Result<PostgresStore, StoreError> {
        let names = self.names()?;
        let (pool, direct) = match &self.source {
            Source::Pool(pool) => (pool.clone(), None),
            Source::Url(url) => {
                let config = config(url)?;
                let pool = pool(&config, &self.tls, self.connections)?;
                (pool, Some(Direct { config, tls: Arc::clone(&self.tls) }))
            }
        };
        let mut client = pool.get().await.map_err(unconnected)?;
        check_server(&client).await?;
        if self.migrate {
            migrate(&mut client, &names).await?;
        }
        crate::migrate::check(&client, &names).await?;
        let new_events = new_events(&client, &names).await?;
        drop(client);
        let sql = Sql::new(&names);
        let database = Database { pool, names, sql, new_events, transaction_pooling: self.transaction_pooling };
        PostgresStore::start(database, direct.filter(|_| !self.transaction_pooling), self.poll_interval).await
    }

    fn names(&self) -> Result<Names, StoreError> {
        Names::new(&self.schema, self.log.as_deref())
    }
}

impl fmt::Debug for PostgresBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The connection string holds a password.
        f.debug_struct("PostgresBuilder").field("schema", &self.schema).field("log", &self.log).finish_non_exhaustive()
    }
}

/// How to make connections that are kept outside the pool.
#[derive(Clone)]
pub(crate) struct Direct {
    pub(crate) config: Config,
    pub(crate) tls: Arc<dyn Connector>,
}

fn config(url: &str) -> Result<Config, StoreError> {
    let mut config = Config::from_str(url).map_err(|error| StoreError::Unopenable {
        message: format!("this is no connection string: {error}; one is `postgres://role:password@host:port/database`"),
        source: Some(Arc::new(error)),
    })?;
    if config.get_application_name().is_none() {
        config.application_name("cqrs");
    }
    // A server that is gone without a word is noticed all the same.
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(30));
    }
    Ok(config)
}

fn pool(config: &Config, tls: &Arc<dyn Connector>, connections: usize) -> Result<Pool, StoreError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(config.clone(), Pooled(Arc::clone(tls)), recycling);
    let pool = Pool::builder(manager).max_size(connections).runtime(Runtime::Tokio1).build();
    pool.map_err(|error| StoreError::Unopenable { message: error.to_string(), source: Some(Arc::new(error)) })
}

/// The array type of new events, which every log has its own of.
async fn new_events(client: &tokio_postgres::Client, names: &Names) -> Result<Type, StoreError> {
    let asked = "SELECT oid, typarray FROM pg_type WHERE oid = to_regtype($1)";
    let name = names.of("new_event");
    let found = client.query_typed_one(asked, &[(&name, Type::TEXT)]).await;
    let row = found.map_err(|error| classified(error, Effect::None))?;
    Ok(array_type(row.try_get(0).map_err(damaged)?, row.try_get(1).map_err(damaged)?))
}

async fn check_server(client: &tokio_postgres::Client) -> Result<(), StoreError> {
    let asked = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')";
    let row = client.query_typed_one(asked, &[]).await.map_err(|error| classified(error, Effect::None))?;
    let version: i32 = row.try_get(0).map_err(damaged)?;
    let encoding: String = row.try_get(1).map_err(damaged)?;
    let message = if version < OLDEST_SERVER {
        format!("the server has version {}, the oldest supported is {}", version / 1_00_00, OLDEST_SERVER / 1_00_00)
    } else if encoding != "UTF8" {
        format!(
            "the database is encoded in {encoding}: make one with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`"
        )
    } else {
        return Ok(());
    };
    Err(StoreError::Unopenable { message, source: None })
}
