//! Macro-driven CQRS and event sourcing: annotate the domain, let the compiler check the architecture.

#[doc(hidden)]
pub use cqrs_core::private as __private;
pub use cqrs_core::*;
#[cfg(feature = "derive")]
pub use cqrs_derive::*;
/// Re-exported, so that a crate can depend on `cqrs` alone.
pub use {chrono, serde, serde_json, uuid};

/// The embedded store: event log, read models and checkpoints in one SQLite file.
#[cfg(feature = "sqlite")]
pub mod sqlite {
    pub use cqrs_sqlite::*;
}

/// What a file that defines or runs a domain needs: `use cqrs::prelude::*;`.
pub mod prelude {
    pub use chrono::{DateTime, Utc};
    pub use cqrs_core::{
        Aggregate, AggregateCommand, Change, Command, CommandError, CommandHandler, Context, Dispatcher, Engine, Event,
        Projection, Query, QueryError, QueryHandler, ReadModel, Receipt, Views,
    };
    #[cfg(feature = "derive")]
    pub use cqrs_derive::*;
    pub use serde::{Deserialize, Serialize};
    pub use uuid::Uuid;
}
