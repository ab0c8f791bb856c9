//! What users rely on, tested through the public API.
#![allow(unreachable_pub, reason = "domains are written here as users write them")]

mod account;
mod batches;
mod commands;
mod concurrency;
mod dispatch;
mod faults;
mod faulty;
mod kill;
mod lanes;
mod linearizable;
mod payload;
mod processes;
mod projections;
mod runners;
mod snapshots;
mod statements;
mod stops;
mod testkit;
