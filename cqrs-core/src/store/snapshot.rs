//! Snapshots: where folding a long history may begin.

use bytes::Bytes;

use super::{StreamId, Version};

/// An aggregate's state at a version, so that a long history need not be folded from its beginning.
///
/// A cache and nothing more: without it, or where it is of no use, the events are folded and the state is the same. So
/// a store may keep it with less care than events, and may lose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose state it is.
    pub stream: StreamId,
    /// The last event folded into it.
    pub version: Version,
    /// A hash of the state's shape. A snapshot of another shape than the program's is ignored.
    pub shape: u64,
    /// The state, as JSON.
    pub state: Bytes,
}
