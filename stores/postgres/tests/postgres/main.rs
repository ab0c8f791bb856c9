//! What the store promises, through its public API, on a real server.

mod conformance;
mod encrypted;
mod leases;
mod migrations;
mod payloads;
mod plans;
mod pools;
mod refused;
mod rights;
mod roles;
mod settings;
mod spoilt;
mod support;
mod transactions;
mod views;
mod waiting;
