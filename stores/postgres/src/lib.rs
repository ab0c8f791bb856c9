//! The store of `cqrs` on a `PostgreSQL` server: event log, read models and checkpoints in one database.
//!
//! # Read models
//! A read model `users` is a table `view_users` with a column for its key and each indexed field, and the whole row as JSON
//! in `body$`. It is made when a program first starts with it, which takes the right to make tables in the schema; where
//! [`table_sql`](PostgresBuilder::table_sql) was run before, `SELECT`, `INSERT`, `UPDATE` and `DELETE` on it, and on `checkpoints`
//! and `runners`, are enough.
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
//! It takes a session, so behind a pooler of transactions ([`transaction_pooling`](PostgresBuilder::transaction_pooling))
//! every process works at every projection. Rows are right all the same, as each batch is written only where the checkpoint is
//! as it was when the batch was made; but the work of all but one is in vain, so run such programs once.

mod append;
mod batch;
mod connect;
mod database;
mod decode;
mod error;
mod events;
mod filter;
mod lease;
mod migrate;
mod names;
mod notify;
mod open;
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
mod transaction;
mod value;

pub use deadpool_postgres;
pub use open::PostgresBuilder;
pub use store::PostgresStore;
pub use tokio_postgres;
pub use transaction::{PgTransaction, PostgresProjection};
