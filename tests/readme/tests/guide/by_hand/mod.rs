//! The same help desk without a macro of cqrs, against public traits alone.

mod read;
#[path = "../script.rs"]
mod script;
mod services;
mod write;

pub(crate) use script::transcript;

mod domain {
    pub(crate) use super::{read::*, services::*, write::*};
}
