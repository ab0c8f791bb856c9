//! What the user meant, with spans: one file a macro. Parsing notes what cannot be read; it decides nothing else.

pub(crate) mod aggregate;
pub(crate) mod block;
pub(crate) mod command;
pub(crate) mod dispatcher;
pub(crate) mod event;
pub(crate) mod handle;
pub(crate) mod item;
pub(crate) mod on;
pub(crate) mod part;
pub(crate) mod projection;
pub(crate) mod query;
pub(crate) mod read_model;
mod serde_attrs;
mod serde_names;
pub(crate) mod service;
mod shape;
pub(crate) mod snapshot;
pub(crate) mod statements;
