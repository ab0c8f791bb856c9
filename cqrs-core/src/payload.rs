//! How an event becomes JSON and comes back: the variant's own fields, without the enum's wrapper.
//!
//! serde writes an enum as `{"Created": {…}}`. The stored name of the type already tells the variant, so only what is
//! inside is kept. Two small serde adapters do this for any enum whose `Serialize` and `Deserialize` are derived, with
//! all of serde's attributes on variants and fields, and without a second copy of the type.

mod decode;
mod encode;

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::event::EventType;

pub use decode::{DecodeError, decode};
pub use encode::{EncodeError, encode};

/// How events of type `E` are written and read back.
pub struct Codec<E> {
    pub(crate) encode: fn(&E) -> Result<Vec<u8>, EncodeError>,
    pub(crate) decode: fn(&EventType, &[u8]) -> Result<E, DecodeError>,
}

impl<E: Serialize + DeserializeOwned> Codec<E> {
    /// By [`encode`] and [`decode`].
    pub const JSON: Self = Self { encode: encode::<E>, decode: decode::<E> };
}

impl<E> fmt::Debug for Codec<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec").finish_non_exhaustive()
    }
}
