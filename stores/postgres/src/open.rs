//! Opening a store.

use std::{error::Error as _, fmt, str::FromStr as _, sync::Arc, time::Duration};

use cqrs_core::{Schema, StoreError};
use deadpool_postgres::{Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod, Runtime};
use tokio_postgres::{
    Config, Socket,
    tls::{MakeTlsConnect, TlsConnect},
    types::Type,
};

use crate::{
    connect::{Connector, Pooled, Through},
    database::Database,
    error::{Effect, ISOLATION, classified, damaged, unconnected},
    events::array_type,
    grants,
    migrate::{migrate, script},
    names::{Names, SCHEMA},
    patience::{PATIENCE, in_time},
    sql::Sql,
    store::PostgresStore,
    tables::Table,
    tls::{connector, known_mode},
};

/// The oldest server that the tests run on, as the server itself writes versions.
const OLDEST_SERVER: i32 = 15_00_00;

/// What the driver has where nothing is said.
const DRIVERS_KEEPALIVE: Duration = Duration::from_secs(2 * 60 * 60);

/// What a server may be set to let in.
const MOST_CONNECTIONS: usize = 262_143;

/// What other drivers take in a connection string, and this one does not.
const FOREIGN_OPTIONS: [&str; 13] = [
    "fallback_application_name",
    "gssencmode",
    "krbsrvname",
    "passfile",
    "replication",
    "requirepeer",
    "schema",
    "service",
    "sslcert",
    "sslcrl",
    "sslkey",
    "sslrootcert",
    "statement_cache_capacity",
];

/// How a store is opened. Made by [`PostgresStore::builder`] and [`PostgresStore::with_pool`].
#[must_use = "`open` opens the store"]
#[derive(Clone)]
pub struct PostgresBuilder {
    source: Source,
    tls: Option<Arc<dyn Connector>>,
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
            tls: None,
            schema: SCHEMA.into(),
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
    /// is something new, and one for the leases of projections. 10 unless set. Without meaning where the store was given a pool.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.clamp(1, MOST_CONNECTIONS);
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

    /// Makes connections with TLS by a connector of your own, any for `tokio-postgres`; what `sslmode` in the connection
    /// string says holds. Unless set, `sslmode=require` has the system's certificates vouch for the server, which takes the
    /// feature `tls`, and connections are not encrypted otherwise. Without meaning where the store was given a pool.
    pub fn tls<T>(mut self, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        self.tls = Some(Arc::new(Through(tls)));
        self
    }

    /// The numbered steps that make the log's schema, for those who migrate by their own tools.
    ///
    /// # Errors
    /// [`StoreError::Unopenable`] for names that a schema or a log cannot have.
    pub fn schema_sql(&self) -> Result<String, StoreError> {
        Ok(script(&self.names()?))
    }

    /// The statements that give a role the rights that a running program needs, and no others; `read_models` are those it
    /// works with, `UserView::SCHEMA`. For the owner of the tables to run, where the program is not to make them.
    ///
    /// # Errors
    /// As [`table_sql`](Self::table_sql).
    pub fn grants_sql(&self, role: &str, read_models: &[&'static Schema]) -> Result<String, StoreError> {
        grants::script(&self.names()?, role, read_models)
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
        let (pool, direct, patience) = match &self.source {
            Source::Pool(pool) => (pool.clone(), None, PATIENCE),
            Source::Url(url) => {
                let config = config(url)?;
                let tls = self.tls.clone().map_or_else(|| connector(&config), Ok)?;
                let connect = Pooled { tls: Arc::clone(&tls), are_sessions: !self.transaction_pooling };
                let patience = config.get_tcp_user_timeout().copied().unwrap_or(PATIENCE);
                (pool(&config, connect, self.connections, patience)?, Some(Direct { config, tls }), patience)
            }
        };
        let mut client = pool.get().await.map_err(unconnected)?;
        in_time(patience, Effect::None, check_server(&client)).await?;
        if self.migrate {
            migrate(&mut client, &names).await?;
        }
        crate::migrate::check(&client, &names).await?;
        let new_events = new_events(&client, &names).await?;
        drop(client);
        let sql = Sql::new(&names);
        let database =
            Database { pool, patience, names, sql, new_events, transaction_pooling: self.transaction_pooling };
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
    let mut config = Config::from_str(&known_mode(url)).map_err(|error| unreadable(&error))?;
    if config.get_application_name().is_none() {
        config.application_name("cqrs");
    }
    // A server that is gone without a word is noticed all the same.
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(PATIENCE);
    }
    if config.get_keepalives_idle() == DRIVERS_KEEPALIVE {
        config.keepalives_idle(Duration::from_secs(10));
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(Duration::from_secs(5));
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(3);
    }
    Ok(config)
}

/// What the driver says of a connection string may be a part of the password, so only names that it knows are repeated.
fn unreadable(error: &tokio_postgres::Error) -> StoreError {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let said = |option: &&str| cause == format!("unknown option `{option}`");
    let why = match FOREIGN_OPTIONS.iter().find(|option| said(option)) {
        Some(option) => format!(": its option `{option}` is not supported here"),
        None if cause.starts_with("invalid value for option") => format!(": {cause}"),
        None => String::new(),
    };
    let message = format!(
        "this is no connection string{why}; one is `postgres://role:password@host:port/database`, where special characters are \
         written as `%` and two digits, `%40` for `@`"
    );
    StoreError::Unopenable { message, source: None }
}

fn pool(config: &Config, connect: Pooled, connections: usize, patience: Duration) -> Result<Pool, StoreError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(config.clone(), connect, recycling);
    // The connection that was used last has its statements prepared and its plans made.
    let builder = Pool::builder(manager).max_size(connections).queue_mode(QueueMode::Lifo);
    let pool = builder.create_timeout(Some(patience)).runtime(Runtime::Tokio1).build();
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
    let asked = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), \
                 current_setting('default_transaction_isolation')";
    let row = client.query_typed_one(asked, &[]).await.map_err(|error| classified(error, Effect::None))?;
    let (encoding, isolation) = (row.try_get(1).map_err(damaged)?, row.try_get(2).map_err(damaged)?);
    unsupported(row.try_get(0).map_err(damaged)?, encoding, isolation)
        .map_or(Ok(()), |message| Err(StoreError::Unopenable { message, source: None }))
}

/// Why the store cannot work on a server, if it cannot.
fn unsupported(version: i32, encoding: &str, isolation: &str) -> Option<String> {
    if version < OLDEST_SERVER {
        let (version, oldest) = (version / 1_00_00, OLDEST_SERVER / 1_00_00);
        return Some(format!("the server has version {version}, the oldest supported is {oldest}: upgrade it"));
    }
    if encoding != "UTF8" {
        let cure = "make one with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`";
        return Some(format!("the database is encoded in {encoding}: {cure}"));
    }
    (isolation != "read committed")
        .then(|| format!("transactions are {isolation}, and events are appended in read committed: {ISOLATION}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_are_too_old_are_refused() {
        let supported = |version| unsupported(version, "UTF8", "read committed");
        assert_eq!(
            supported(14_00_17).as_deref(),
            Some("the server has version 14, the oldest supported is 15: upgrade it")
        );
        for version in [15_00_00, 15_00_13, 18_00_01] {
            assert_eq!(supported(version), None);
        }
    }
}
