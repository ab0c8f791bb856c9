//! The store of `cqrs` on a `PostgreSQL` server: event log, read models and checkpoints in one database.

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
