//! From a model that is valid to tokens: nothing fails here.

pub(crate) mod aggregate;
mod call;
pub(crate) mod command;
pub(crate) mod dispatcher;
pub(crate) mod event;
mod known;
mod on;
pub(crate) mod projection;
pub(crate) mod query;
pub(crate) mod read_model;
mod routed;
mod routes;
pub(crate) mod service;
pub(crate) mod statements;
