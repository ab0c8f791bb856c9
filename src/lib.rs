//! CQRS and event sourcing: write the domain once, in plain types and plain functions; the compiler checks the
//! architecture; the runtime never loses, reorders or skips an event.
//!
//! ```
//! use cqrs::{MemoryStore, prelude::*, testkit::given};
//!
//! // A fact. `unique` is kept by the store, `taken` is what the second taker hears.
//! #[derive(Debug, Clone, Serialize, Deserialize, Event)]
//! #[cqrs(aggregate = "seat", id = number)]
//! pub enum SeatEvent {
//!     Reserved { number: u32, #[cqrs(unique, taken = SeatError::OneEach)] guest: String },
//! }
//!
//! // An intention.
//! #[derive(Debug, Clone, Deserialize, Command)]
//! #[cqrs(aggregate = Seat)]
//! pub struct Reserve { #[cqrs(id)] pub number: u32, pub guest: String }
//!
//! #[derive(Debug, PartialEq, thiserror::Error)]
//! pub enum SeatError {
//!     #[error("seat {0} is taken")] Taken(u32),
//!     #[error("{0} has a seat already")] OneEach(String),
//! }
//!
//! // The write side: `#[handle]` decides, `#[on]` remembers.
//! pub struct Seat;
//!
//! #[aggregate(event = SeatEvent, error = SeatError, already_exists = SeatError::Taken)]
//! impl Seat {
//!     #[handle]
//!     fn reserve(Reserve { number, guest }: Reserve) -> Result<SeatEvent, SeatError> {
//!         Ok(SeatEvent::Reserved { number, guest })
//!     }
//!
//!     #[on(Reserved)]
//!     fn reserved() -> Self { Self }
//! }
//!
//! // The read side: `#[on]` makes rows, `#[handle]` answers from them.
//! #[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
//! pub struct Reservation {
//!     #[cqrs(key)] number: u32,
//!     #[cqrs(index)] guest: String,
//! }
//!
//! #[derive(Debug, Deserialize, Query)]
//! #[cqrs(model = Reservation, result = Option<Reservation>)]
//! pub struct SeatOf { pub guest: String }
//!
//! #[projection(event = SeatEvent)]
//! impl Reservation {
//!     #[on(Reserved)]
//!     fn reserved(number: u32, guest: String) -> Self { Self { number, guest } }
//!
//!     #[handle]
//!     async fn seat_of(seats: &Views<Self>, query: SeatOf) -> Result<Option<Self>, QueryError> {
//!         seats.filter(Self::GUEST.eq(query.guest)).first().await
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let engine = Engine::builder(MemoryStore::new()).projection::<Reservation>().start().await?;
//!
//!     let reserved = engine.execute(Reserve { number: 7, guest: "ann".into() }).await?;
//!     let seat = engine.query(SeatOf { guest: "ann".into() }).after(&reserved).await?;
//!     assert_eq!(seat, Some(Reservation { number: 7, guest: "ann".into() }));
//!
//!     let refused = engine.execute(Reserve { number: 8, guest: "ann".into() }).await.unwrap_err();
//!     assert_eq!(refused.rejection(), Some(SeatError::OneEach("ann".into())));
//!
//!     // A test needs neither store nor runtime.
//!     let taken = SeatEvent::Reserved { number: 7, guest: "ann".into() };
//!     given([taken]).when(Reserve { number: 7, guest: "bob".into() }).then_error(SeatError::Taken(7));
//!     Ok(())
//! }
//! ```
//!
//! # Where to look
//!
//! | you want to | look at |
//! |---|---|
//! | annotate the domain | [`macro@Event`], [`macro@Command`], [`macro@Query`], [`macro@ReadModel`], [`macro@aggregate`], [`macro@projection`] |
//! | write handlers with services, and route to them | [`macro@command_handlers`], [`macro@query_handlers`], [`macro@Dispatcher`] |
//! | execute commands, ask queries | [`Engine`], [`EngineBuilder`], [`Receipt`], [`CommandError`], [`QueryError`] |
//! | filter, order and page rows | [`Views`], [`Selection`](views::Selection), [`Cursor`] |
//! | say who, when and why; repeat a request | [`Context`], [`Execute`](dispatch::Execute) |
//! | test decisions | [`testkit`] |
//! | read the log | [`EventStore`], [`EventFilter`] |
//! | bring another store | [`store`], and the suite behind the feature `conformance` |
//!
//! What is guaranteed, which mistake gets which error, and what is not there yet: `README.md`. How it works, and the
//! test that holds each rule: `ARCHITECTURE.md`.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `derive` | yes | the macros |
//! | `sqlite` | yes | the module `sqlite`: the embedded store; compiles SQLite, which needs a C compiler |
//! | `postgres` | no | the module `postgres`: the store on a PostgreSQL server |
//! | `postgres-tls` | no | encrypted connections to it, where the connection string says `sslmode=require` |
//! | `conformance` | no | `conformance!`: the suite of rules that a store's own tests call |

#[doc(hidden)]
pub use cqrs_core::private as __private;
pub use cqrs_core::*;
#[cfg(feature = "derive")]
pub use cqrs_derive::*;
/// Re-exported, so that a crate can depend on `cqrs` alone.
pub use {chrono, serde, serde_json, uuid};

/// The store on a PostgreSQL server: event log, read models and checkpoints in one database.
#[cfg(feature = "postgres")]
pub mod postgres {
    pub use cqrs_postgres::*;
}

/// The embedded store: event log, read models and checkpoints in one `SQLite` file.
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
