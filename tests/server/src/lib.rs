//! Throw-away PostgreSQL servers for tests and benches.
//!
//! A [`Server`] is private to the process that starts it: a folder of its own, a free port of 127.0.0.1, durable settings. It goes,
//! with its folder, when it is dropped and when the process ends in any way, `kill -9` included. [`shared`] is the one that the
//! tests of a binary have in common. [`PgBouncer`] and [`Proxy`] stand in front of a server: one pools transactions, the other cuts
//! connections where a test says.
//!
//! What a server needs is its programs: the packages `postgresql` and, for [`PgBouncer`], `pgbouncer`. The folder is made where
//! temporary files go, so `TMPDIR` says on which disk a bench writes.

mod bouncer;
mod error;
mod instance;
mod programs;
mod proxy;
mod server;
mod target;

pub use bouncer::PgBouncer;
pub use error::Error;
pub use proxy::{Proxy, Way};
pub use server::{Builder, Server};
pub use target::{SERVER_VARIABLE, Target, shared};
