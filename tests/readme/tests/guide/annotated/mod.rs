//! The help desk with the macros.

mod domain;
#[path = "../script.rs"]
mod script;

pub(crate) use script::transcript;
