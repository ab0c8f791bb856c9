//! What the store promises, through its public API, on a real server.

mod conformance;
mod leases;
mod migrations;
mod plans;
mod refused;
mod roles;
mod support;
mod transactions;
mod views;
mod waiting;
