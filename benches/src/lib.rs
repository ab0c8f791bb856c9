//! What the benches share: rounds that take turns, figures with their targets, and the domain they are about.

pub mod account;
pub mod by_hand;
mod counting;
mod disk;
mod figure;
mod rounds;

pub use counting::Counting;
pub use disk::{Disk, raw};
pub use figure::{Report, Target, Unit};
pub use rounds::{Sample, Scale, Side, Stopwatch, rounds};

/// What a bench ends with.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
