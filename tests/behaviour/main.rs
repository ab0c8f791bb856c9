//! What users rely on, tested through the public API.

mod account;
mod commands;
mod concurrency;
mod dispatch;
mod faults;
mod kill;
mod projections;
mod testkit;
