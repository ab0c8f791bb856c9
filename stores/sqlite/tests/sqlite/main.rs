//! What is special about the embedded store; the rules that all stores share are in the conformance suite.

mod conformance;
mod log;
mod support;
