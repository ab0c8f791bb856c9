//! The suite that every store runs: the rules S1 to S10 for the log and its snapshots, R1 for the read side.
//!
//! A store's own tests name an expression that gives a fresh, empty [`Fixture`], and [`conformance!`](crate::conformance!)
//! writes one `#[test]` for every case. Each case is an ordinary function of this module and says what it guards
//! against: most are holes that stores in production have had.
//!
//! ```
//! use cqrs_core::{MemoryStore, conformance::Fixture};
//!
//! async fn memory() -> Fixture<MemoryStore> {
//!     let store = MemoryStore::new();
//!     Fixture::new(store.clone()).opened_again_by(move || std::future::ready(store.clone()))
//! }
//!
//! cqrs_core::conformance! { store: memory() }
//! # fn main() {}
//! ```
#![allow(clippy::missing_panics_doc, reason = "a case that fails panics")]

mod fixture;
mod macros;
mod race;
mod sample;

pub mod model;
pub mod r1_rows;
pub mod r1_selection;
pub mod s10_nothing_is_dropped;
pub mod s1_atomic;
pub mod s2_one_order;
pub mod s3_versions;
pub mod s4_durable;
pub mod s5_concurrency;
pub mod s6_boundaries;
pub mod s6_conditions;
pub mod s7_claims;
pub mod s8_requests;
pub mod s9_reading;
pub mod s9_waiting;
pub mod snapshots;

pub use fixture::{Fixture, run};
