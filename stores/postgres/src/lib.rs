//! The store of `cqrs` on a `PostgreSQL` server: event log, read models and checkpoints in one database.

mod connect;
mod database;
mod error;
mod migrate;
mod names;
mod open;
mod prepare;
mod read_models;
mod rows;
mod select;
mod sql;
mod store;
mod tables;
mod text;
mod value;

pub use deadpool_postgres;
pub use open::PostgresBuilder;
pub use store::PostgresStore;
pub use tokio_postgres;
