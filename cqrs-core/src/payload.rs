//! How an event becomes JSON and comes back: the variant's own fields, without the enum's wrapper.
//!
//! serde writes an enum as `{"Created": {…}}`. The stored name of the type already tells the variant, so only what is
//! inside is kept. Two small serde adapters do this for any enum whose `Serialize` and `Deserialize` are derived, with
//! all of serde's attributes on variants and fields, and without a second copy of the type.

mod decode;
mod encode;

pub use decode::{DecodeError, decode};
pub use encode::{EncodeError, encode};
