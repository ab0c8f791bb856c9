//! The store of `cqrs` on a `PostgreSQL` server: event log, read models and checkpoints in one database.
//!
//! The server is PostgreSQL 15 or newer, and the database is encoded in UTF-8.
//!
//! ```no_run
//! use cqrs_postgres::PostgresStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), cqrs_core::StoreError> {
//! let store = PostgresStore::connect("postgres://app:secret@localhost/app").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Read models
//! A read model `users` is a table `view_users` with a column for its key and each indexed field, and the whole row as JSON
//! in `body$`. It is made when a program first starts with it, where it is not there yet.
//!
//! # Payloads
//! Payloads are kept as `json`, to the byte: the order of keys, the spelling of numbers and `\u0000`, which `jsonb` refuses,
//! come back as they were. What is no JSON, or nested deeper than the server's `max_stack_depth` allows (some thousands
//! by default), is refused, and nothing else of its batch with it.
//!
//! # Who runs a projection
//! Of several processes one runs a projection, and another takes over within a second when its connection ends; when
//! it falls silent, within half a minute. The view `running` says which:
//!
//! ```sql
//! SELECT projection, host, process, application, address, since FROM cqrs.running;
//! -- hands a projection to another process
//! SELECT pg_terminate_backend(backend) FROM cqrs.running WHERE projection = 'users';
//! ```
//!
//! # Behind a pooler
//! A pooler that keeps a session for a client changes nothing. One that gives the connection to another client after each
//! transaction, as `PgBouncer` does in that mode, is said so:
//!
//! ```no_run
//! # use cqrs_postgres::PostgresStore;
//! # async fn open() -> Result<(), cqrs_core::StoreError> {
//! let store = PostgresStore::builder("postgres://app:secret@bouncer:6432/app").transaction_pooling(true).open().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Nothing is then prepared, and new events are looked for instead of being notified of. A lease takes a session, so every
//! process works at every projection. Rows are right all the same, as each batch is written only where the checkpoint is
//! as it was when the batch was made; but the work of all but one is in vain, so run such programs once.
//!
//! # Settings
//! Events are appended in READ COMMITTED. Connections of the store's own are set to it; where a pool is handed over, or
//! behind a pooler of transactions, another `default_transaction_isolation` of the role is refused. A `statement_timeout`, a
//! `lock_timeout` and time-outs of idle sessions are respected: what they end is repeated, by its request id.
//!
//! What is read of the log is answered within 30 seconds, or given up and tried on another connection; what is written, within
//! two minutes. `tcp_user_timeout` in the connection string gives other seconds than the 30. Queries of read models may
//! take as long as the server lets them. The server asks connections of the store's own every ten seconds whether they
//! live, and so do they, so that what is held by a program whose machine is gone is free within half a minute.
//!
//! # TLS
//! With the feature `tls` (`postgres-tls` of `cqrs`), `sslmode=require` in the connection string encrypts connections, and
//! the server must prove by a certificate that the system trusts to be the host that is named: `verify-full` and
//! `verify-ca` mean the same here. `SSL_CERT_FILE` names certificates to trust instead of the system's. Without the
//! feature, or for anything else such as certificates of clients, [`tls`](PostgresBuilder::tls) takes any connector for
//! `tokio-postgres`. Without either, and without `sslmode`, connections are not encrypted.
//!
//! ```no_run
//! # use cqrs_postgres::PostgresStore;
//! # async fn open() -> Result<(), cqrs_core::StoreError> {
//! let store = PostgresStore::connect("postgres://app:secret@db.example/app?sslmode=require").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Migrations by your own tools
//! Opening a store makes its schema, or brings it up to date; of processes that start at once one does. Where other tools
//! are to do it, they run what [`schema_sql`] prints, in one transaction, and what [`PostgresBuilder::table_sql`] prints for
//! each read model. Steps that are new in a later version follow those that are there, each under a line `-- Step`. Programs
//! then look and touch nothing:
//!
//! ```no_run
//! # use cqrs_postgres::PostgresStore;
//! # async fn open() -> Result<(), cqrs_core::StoreError> {
//! println!("{}", cqrs_postgres::schema_sql());
//!
//! let store = PostgresStore::builder("postgres://app:secret@localhost/app").migrate(false).open().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A schema of a newer version than the program's is refused.
//!
//! # Rights
//! A role that makes the schema needs `CREATE` on the database, or owns a schema that is there. A role that only works with what
//! was made needs these rights, and none on the database but to connect; for a role `app` and a read model `users`
//! [`PostgresBuilder::grants_sql`] gives:
//!
//! ```sql
//! GRANT USAGE ON SCHEMA "cqrs" TO "app";
//! GRANT SELECT ON "cqrs".migrations TO "app";
//! GRANT SELECT, INSERT ON "cqrs".events, "cqrs".event_tags, "cqrs".receipts TO "app";
//! GRANT SELECT, INSERT, DELETE ON "cqrs".claims TO "app";
//! GRANT SELECT, INSERT, UPDATE ON "cqrs".snapshots, "cqrs".checkpoints TO "app";
//! GRANT SELECT, INSERT, UPDATE, DELETE ON "cqrs".runners TO "app";
//! GRANT SELECT ON "cqrs".running TO "app";
//! GRANT USAGE ON TYPE "cqrs".new_event TO "app";
//! GRANT EXECUTE ON FUNCTION "cqrs".append, "cqrs".append_each, "cqrs".change_claims, "cqrs".first_match TO "app";
//! GRANT SELECT, INSERT, UPDATE, DELETE ON "cqrs"."view_users" TO "app";
//! ```
//!
//! A projection that writes with statements of its own ([`PostgresStore::projection`]) is set up by the first program that runs
//! it, which makes its tables; rights on them are for their owner to give.
//!
//! # Several logs
//! A schema is one place for a log, and [`log`](PostgresBuilder::log) names further ones in it. Logs share nothing: positions,
//! claims, requests, read models, leases and the lock that appends take are each log's own.
//!
//! ```no_run
//! # use cqrs_postgres::PostgresStore;
//! # async fn open() -> Result<(), cqrs_core::StoreError> {
//! let url = "postgres://app:secret@localhost/app";
//! let orders = PostgresStore::builder(url).schema("shop").log("orders").open().await?;
//! let invoices = PostgresStore::builder(url).schema("shop").log("invoices").open().await?;
//! # Ok(())
//! # }
//! ```

mod append;
mod batch;
mod connect;
mod database;
mod decode;
mod error;
mod events;
mod filter;
mod grants;
mod lease;
mod migrate;
mod names;
mod notify;
mod open;
mod patience;
mod prepare;
mod program;
mod read;
mod read_models;
mod rows;
mod select;
mod snapshots;
mod sql;
mod store;
mod tables;
mod text;
mod tls;
mod transaction;
mod unfit;
mod value;

pub use deadpool_postgres;
pub use open::PostgresBuilder;
pub use store::PostgresStore;
pub use tokio_postgres;
pub use transaction::{PgTransaction, PostgresProjection};

/// The numbered steps that make the schema of the log without a name in `cqrs`, for those who migrate by their own tools;
/// [`PostgresBuilder::schema_sql`] has those of others.
#[must_use]
pub fn schema_sql() -> String {
    migrate::script(&names::Names::default())
}
