//! Facts across several attributes or items, each with its why.

pub(crate) mod block;
pub(crate) mod command;
pub(crate) mod dispatcher;
pub(crate) mod event;
pub(crate) mod query;
pub(crate) mod read_model;
