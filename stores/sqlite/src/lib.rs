//! The embedded store of `cqrs`: event log, read models and checkpoints in one `SQLite` database.
//!
//! One thread owns the connection that writes and makes every batch one durable commit; readers have connections of
//! their own and see a consistent log while it writes. Several processes may open one file.
//!
//! While the database is in use, or after an abrupt end, it is the file, its `-wal` and its `-shm`. They are copied, moved and
//! deleted together, and copied while nobody has them open: the `-wal` holds acknowledged events.

mod append;
mod claims;
mod connection;
mod decode;
mod error;
mod migrate;
mod notify;
mod open;
mod read;
mod readers;
mod rows;
mod select;
mod snapshots;
mod sql;
mod store;
mod tables;
mod value;
mod writer;

pub use open::SqliteBuilder;
pub use store::SqliteStore;
