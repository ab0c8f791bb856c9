//! Snapshots: an aggregate's state kept as JSON, so that a long history need not be folded from its beginning.

mod lossless;
mod parts;
mod shape;
mod tracer;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Serialize, de::DeserializeOwned};

/// How often an aggregate's state is kept, and how it becomes JSON and a state again.
///
/// Written by `#[aggregate(snapshot(every = 100))]`.
pub struct Snapshots<A> {
    every: u64,
    version: u64,
    shape: fn(u64) -> u64,
    encode: fn(&A) -> serde_json::Result<Vec<u8>>,
    decode: fn(&[u8]) -> serde_json::Result<A>,
}

/// State that can be kept as a snapshot: any that serde can write and read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept as a snapshot",
    label = "serde cannot both write and read it",
    note = "add `#[derive(Serialize, Deserialize)]` to `{Self}`"
)]
pub trait SnapshotState: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<A: Serialize + DeserializeOwned> SnapshotState for A {}

impl<A> Snapshots<A> {
    /// Snapshots that lie at least `every` events apart, and at least one.
    ///
    /// `version` is raised by hand when folding comes to mean something else and the state looks as before.
    #[must_use]
    pub const fn new(every: u64, version: u64) -> Self
    where
        A: SnapshotState,
    {
        Self {
            every: if every == 0 { 1 } else { every },
            version,
            shape: shape::of::<A>,
            encode: lossless::to_vec::<A>,
            decode: |state| serde_json::from_slice(state),
        }
    }

    /// How many events lie between two snapshots at least.
    #[must_use]
    pub const fn every(&self) -> u64 {
        self.every
    }

    /// The hash of the state's shape. Found by tracing what the state's `Deserialize` asks for, so to be called once.
    #[must_use]
    pub fn shape(&self) -> u64 {
        (self.shape)(self.version)
    }

    /// The state as JSON, or why it is none: one that would not come back as it was, too. A panic of the user's `Serialize` is a reason too.
    pub(crate) fn encode(&self, state: &A) -> Result<Vec<u8>, String> {
        caught(|| (self.encode)(state))
    }

    /// The state of some JSON, or why it is none.
    pub(crate) fn decode(&self, state: &[u8]) -> Result<A, String> {
        caught(|| (self.decode)(state))
    }
}

/// Snapshots are a cache: whatever is wrong with one must not become a failure of the command.
fn caught<T>(work: impl FnOnce() -> serde_json::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("serde's implementation for the state panicked".into()),
    }
}

impl<A> fmt::Debug for Snapshots<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshots").field("every", &self.every).field("version", &self.version).finish_non_exhaustive()
    }
}
