//! The domain of `examples/users.rs` as a library. The code of the README builds on it, and its doc tests compile and
//! run it.

#[allow(dead_code, reason = "the example's `main` is not called here")]
#[path = "../../../examples/users.rs"]
mod example;

pub use example::*;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
