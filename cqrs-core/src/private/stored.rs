//! Whether serde can write a type and read it back, asked in one place: where it is derived.
//!
//! A supertrait would be asked wherever the type is used, and serde's own traits one by one.

use serde::{Serialize, de::DeserializeOwned};

use super::derive::Unhandled;
use crate::payload::Codec;

/// A row as it is stored.
pub type RowWritten = serde_json::Result<Vec<u8>>;

/// A row read back.
pub type RowRead<M> = serde_json::Result<M>;

/// What can be stored as an event: what serde can write and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as an event",
    label = "needs `Serialize` and `Deserialize`",
    note = "add `#[derive(Serialize, Deserialize)]` to `{Self}`"
)]
pub trait EventPayload: Sized {
    /// How.
    const CODEC: Codec<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> EventPayload for T {
    const CODEC: Codec<Self> = Codec::JSON;
}

/// What can be stored as a row: what serde can write and read back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as a read model",
    label = "needs `Serialize` and `Deserialize`",
    note = "add `#[derive(Serialize, Deserialize)]` to `{Self}`"
)]
pub trait RowPayload: Sized {
    /// The row as JSON.
    fn to_payload(&self) -> RowWritten;

    /// Reads a row back from its JSON.
    fn from_payload(payload: &[u8]) -> RowRead<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> RowPayload for T {
    fn to_payload(&self) -> RowWritten {
        serde_json::to_vec(self)
    }

    fn from_payload(payload: &[u8]) -> RowRead<Self> {
        serde_json::from_slice(payload)
    }
}

// With one impl alone rustc would say what of serde is missing, and twice where that is two things.
#[diagnostic::do_not_recommend]
impl<T> EventPayload for T
where
    Option<T>: Unhandled,
{
    const CODEC: Codec<Self> = unreachable!();
}

#[diagnostic::do_not_recommend]
impl<T> RowPayload for T
where
    Option<T>: Unhandled,
{
    fn to_payload(&self) -> RowWritten {
        unreachable!("implemented for no type")
    }

    fn from_payload(_: &[u8]) -> RowRead<Self> {
        unreachable!("implemented for no type")
    }
}
