//! A prelude of one's own: crates that use it know `cqrs` by no other name than `house::events`.
#![deny(warnings, missing_docs)]

pub use cqrs as events;

/// Everything that a domain needs, and what this house adds.
pub mod prelude {
    pub use cqrs::prelude::*;

    /// What is never refused.
    pub type Never = std::convert::Infallible;
}
