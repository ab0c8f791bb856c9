//! What can go wrong at a store, sorted by what the caller can do about it.

use std::{error::Error, sync::Arc};

use super::{EventFilter, Expected, Position, RequestId, StreamId, Version};

/// An append that was not written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Something was written meanwhile: read it and decide again.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A unique value has another holder: fix the input.
    #[error(transparent)]
    AlreadyClaimed(#[from] AlreadyClaimed),
    /// The append breaks a limit: fix the input.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of conflicting appends exactly one wins; this is what the others get (S5, S6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A stream is not as expected.
    #[error("conflict on stream `{stream}`: expected {expected:?}, but it is at version {actual}")]
    Stream {
        /// The stream.
        stream: StreamId,
        /// What the append expected.
        expected: Expected,
        /// What is there.
        actual: Version,
    },
    /// An event that must not be there was found.
    #[error("conflict: the event at position {found} matches a condition that allows none after position {after}")]
    Match {
        /// What was asked for.
        filter: Box<EventFilter>,
        /// Behind which position.
        after: Position,
        /// The position of an event that matches.
        found: Position,
    },
    /// The append that this one builds on was not written.
    #[error("conflict: the append builds on request {request}, which was not written")]
    Unwritten {
        /// The other append's request.
        request: RequestId,
    },
}

/// A unique value has another holder (S7).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is already claimed as `{key}` by `{holder}`")]
pub struct AlreadyClaimed {
    /// What is unique, `user.email`.
    pub key: Arc<str>,
    /// The value.
    pub value: String,
    /// Who holds it.
    pub holder: StreamId,
}

/// Input that no store takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInput {
    /// Nothing where something must be.
    #[error("the {what} is empty")]
    Empty {
        /// What it is.
        what: &'static str,
    },
    /// Longer than its limit.
    #[error("the {what} is {bytes} bytes long, {limit} are allowed")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A name with a NUL in it, which not every engine can store.
    #[error("the {what} {text:?} holds a NUL character")]
    Nul {
        /// What it is.
        what: &'static str,
        /// The name.
        text: String,
    },
    /// An aggregate's name that cannot begin a stream id.
    #[error("`{category}` cannot be an aggregate's name: it must not be empty or hold a `-`")]
    Category {
        /// The name.
        category: String,
    },
    /// A tag's key that cannot begin a tag.
    #[error("`{key}` cannot be a tag's key: it must not be empty or hold a `:`")]
    TagKey {
        /// The key.
        key: String,
    },
    /// More tags on one event than allowed.
    #[error("an event has {count} tags, {limit} are allowed")]
    TooManyTags {
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// An append whose metadata are of another request.
    #[error("request {append} has the metadata of request {metadata}")]
    OtherRequest {
        /// The append's.
        append: RequestId,
        /// Its metadata's.
        metadata: RequestId,
    },
    /// More appends in a unit, or rows in a page, than allowed.
    #[error("{count} {what} at once, {limit} are allowed")]
    TooMany {
        /// What they are.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

/// The cause behind a [`StoreError`].
pub type Cause = Arc<dyn Error + Send + Sync>;

/// A store failed. The variants say what the caller can do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing was written, and the same may work in a moment: repeat.
    #[error("the store is unavailable for now: {message}")]
    Unavailable {
        /// What happened.
        message: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// Whether it was written is unknown: ask again with the same request id, never repeat with a new one.
    #[error("the outcome of the write is unknown: {message}")]
    Unknown {
        /// What happened.
        message: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// Nothing was written, and nothing will be until an operator steps in: a full or read-only disk, a missing right.
    #[error("the store cannot write: {message}")]
    Unwritable {
        /// What happened, and the cure.
        message: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// The store cannot be opened: no database, damaged, locked away.
    #[error("the store cannot be opened: {message}")]
    Unopenable {
        /// What happened, and the cure.
        message: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
    /// The store was written by a newer version of the program.
    #[error("the store has schema {found}, this program knows up to {supported}: run a newer program")]
    NewerSchema {
        /// What is there.
        found: u64,
        /// What this program knows.
        supported: u64,
    },
    /// Something stored cannot be understood (S10).
    #[error(transparent)]
    Corrupt(#[from] Box<Corrupt>),
    /// A projection's checkpoint is not where the batch expected it: another process has moved it on. Read it again.
    #[error("the checkpoint of `{projection}` is at {actual}, the batch expected {expected}")]
    CheckpointMoved {
        /// The projection.
        projection: String,
        /// What the batch expected.
        expected: Position,
        /// What is there.
        actual: Position,
    },
    /// Input that no store takes.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Anything else, which repeating will not mend.
    #[error("the store failed: {message}")]
    Failed {
        /// What happened.
        message: String,
        /// The driver's error.
        #[source]
        source: Option<Cause>,
    },
}

/// An event that is stored but cannot be understood: never skipped, always named (S10).
#[derive(Debug, Clone, thiserror::Error)]
#[error("event {position} (`{event_type}`, version {version} of `{stream}`) cannot be read: {cause}")]
pub struct Corrupt {
    /// Its place in the log.
    pub position: Position,
    /// Its stream, as stored.
    pub stream: String,
    /// Its place in the stream.
    pub version: Version,
    /// Its type, as stored.
    pub event_type: String,
    /// What is wrong with it.
    pub cause: String,
}
