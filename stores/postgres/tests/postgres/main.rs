//! What the store promises, through its public API, on a real server.

mod conformance;
mod plans;
mod support;
mod waiting;
