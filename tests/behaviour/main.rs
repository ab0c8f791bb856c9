//! What users rely on, tested through the public API.

mod account;
mod commands;
mod concurrency;
mod dispatch;
mod faults;
mod kill;
mod payload;
mod projections;
mod testkit;
