//! What is read: an event with its envelope.

use std::sync::Arc;

use bytes::Bytes;

use super::{Metadata, Position, StreamId, Tag, Version};

/// An event as the log keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    /// Its place in the whole log.
    pub position: Position,
    /// Whose history it belongs to.
    pub stream: StreamId,
    /// Its place in that history.
    pub version: Version,
    /// The stored name of its type, `user.created`.
    pub event_type: Arc<str>,
    /// The variant's own fields, as JSON.
    pub payload: Bytes,
    /// Marks for conditions over several streams.
    pub tags: Vec<Tag>,
    /// Who, when and why.
    pub metadata: Arc<Metadata>,
}

/// What folding an aggregate takes of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Its place in its stream.
    pub version: Version,
    /// The stored name of its type.
    pub event_type: Arc<str>,
    /// The variant's own fields, as JSON.
    pub payload: Bytes,
}

impl From<RecordedEvent> for HistoryEvent {
    fn from(event: RecordedEvent) -> Self {
        Self { version: event.version, event_type: event.event_type, payload: event.payload }
    }
}
