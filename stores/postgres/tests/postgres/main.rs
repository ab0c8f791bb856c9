//! What the store promises, through its public API, on a real server.

mod conformance;
mod leases;
mod plans;
mod support;
mod transactions;
mod views;
mod waiting;
