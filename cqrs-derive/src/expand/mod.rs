//! From a model that is valid to tokens: nothing fails here.

pub(crate) mod command;
pub(crate) mod dispatcher;
pub(crate) mod event;
pub(crate) mod query;
pub(crate) mod read_model;
