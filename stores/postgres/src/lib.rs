//! The store of `cqrs` on a `PostgreSQL` server: event log, read models and checkpoints in one database.

mod append;
mod batch;
mod connect;
mod database;
mod decode;
mod error;
mod events;
mod filter;
mod migrate;
mod names;
mod notify;
mod open;
mod program;
mod read;
mod sql;
mod store;
mod text;

pub use deadpool_postgres;
pub use open::PostgresBuilder;
pub use store::PostgresStore;
pub use tokio_postgres;
