//! What is special about the embedded store; the rules that all stores share are in the conformance suite.

mod conformance;
mod log;
#[cfg(unix)]
mod permissions;
mod processes;
mod property;
mod refused;
mod snapshots;
mod support;
mod views;
