//! What is written: events, under conditions, with claims, as one unit.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{EventFilter, InvalidInput, MAX_NAME_BYTES, Position, RequestId, StreamId, Tag, Version};

/// The largest payload of one event, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 16 * 1024 * 1024;

/// One unit of writing: it happens whole or not at all (S1).
///
/// Within an append the conditions are judged first, then the claims are changed in order, then the events are written
/// in order. An append without events is allowed: it confirms its conditions (S6).
///
/// ```
/// use cqrs::{Append, AppendError, Condition, EventFilter, EventStore, MemoryStore, NewEvent, Position, RequestId, StreamId, Tag};
/// use cqrs::{prelude::*, store::Selector};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let store = MemoryStore::new();
/// let (course, seat) = (Tag::new("course", &"c1")?, StreamId::of("seat", &1)?);
/// let taken = EventFilter::any_of([Selector::default().event_type("seat.taken").tag(course.clone())]);
/// let take = || {
///     Append::new(RequestId::random(), Utc::now())
///         .when(Condition::NoMatch { filter: taken.clone(), after: Position::START })
///         .event(NewEvent::new(&seat, "seat.taken", "{}").tag(course.clone()))
/// };
///
/// let [first, second]: [_; 2] = store.append(&[take(), take()]).await?.try_into().unwrap();
/// assert_eq!(first?.last, Position(1));
/// assert!(matches!(second, Err(AppendError::Conflict(_))), "there was one seat");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Append {
    /// The name of this append; the same again returns the first receipt (S8).
    ///
    /// A store remembers the requests that wrote something. One that only confirmed conditions is judged anew.
    pub request: RequestId,
    /// What must hold, judged under the same lock as the write (S5, S6).
    pub conditions: Vec<Condition>,
    /// What is written, in this order.
    pub events: Vec<NewEvent>,
    /// Unique values taken, replaced and released (S7).
    pub claims: Vec<Claim>,
    /// Who, when and why; shared by all events of the append.
    pub metadata: Arc<Metadata>,
}

impl Append {
    /// An append of nothing yet, at `recorded_at`.
    #[must_use]
    pub fn new(request: RequestId, recorded_at: DateTime<Utc>) -> Self {
        Self {
            request,
            conditions: Vec::new(),
            events: Vec::new(),
            claims: Vec::new(),
            metadata: Arc::new(Metadata::new(request, recorded_at)),
        }
    }

    /// Adds a condition.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Adds the condition that `stream` is as `expected`.
    #[must_use]
    pub fn expect(self, stream: &StreamId, expected: Expected) -> Self {
        self.when(Condition::Stream { stream: stream.clone(), expected })
    }

    /// Adds an event.
    #[must_use]
    pub fn event(mut self, event: NewEvent) -> Self {
        self.events.push(event);
        self
    }

    /// Adds a claim.
    #[must_use]
    pub fn claim(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    /// Whether the append writes anything, or only confirms its conditions.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.events.is_empty() || !self.claims.is_empty()
    }

    /// Checks every limit that a store relies on. The group commit calls this before an append is queued, so that no
    /// store has to.
    ///
    /// # Errors
    /// [`InvalidInput`], naming what is too long, empty, malformed or of another request.
    pub fn validate(&self) -> Result<(), InvalidInput> {
        let (append, metadata) = (self.request, self.metadata.request);
        if append != metadata {
            return Err(InvalidInput::OtherRequest { append, metadata });
        }
        for event in &self.events {
            event.validate()?;
        }
        for claim in &self.claims {
            claim.validate()?;
        }
        Ok(())
    }
}

/// An event on its way into the log.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Whose history it belongs to.
    pub stream: StreamId,
    /// The stored name of its type, `user.created`.
    pub event_type: Arc<str>,
    /// The variant's own fields, as JSON.
    pub payload: Bytes,
    /// Marks for conditions over several streams. At most 64.
    pub tags: Vec<Tag>,
}

impl NewEvent {
    /// An event without tags.
    #[must_use]
    pub fn new(stream: &StreamId, event_type: impl Into<Arc<str>>, payload: impl Into<Bytes>) -> Self {
        Self { stream: stream.clone(), event_type: event_type.into(), payload: payload.into(), tags: Vec::new() }
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidInput> {
        const MAX_TAGS: usize = 64;
        if self.event_type.is_empty() {
            return Err(InvalidInput::Empty { what: "event type" });
        }
        if self.event_type.len() > MAX_NAME_BYTES {
            return Err(InvalidInput::TooLong {
                what: "event type",
                bytes: self.event_type.len(),
                limit: MAX_NAME_BYTES,
            });
        }
        if self.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(InvalidInput::TooLong {
                what: "event payload",
                bytes: self.payload.len(),
                limit: MAX_PAYLOAD_BYTES,
            });
        }
        if self.tags.len() > MAX_TAGS {
            return Err(InvalidInput::TooManyTags { count: self.tags.len(), limit: MAX_TAGS });
        }
        Ok(())
    }
}

/// Who, when and why: the envelope that all events of one append share.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// The append that wrote the event, and the command that decided it.
    pub request: RequestId,
    /// When the command was decided, by the clock of its context. Order is given by positions, never by this.
    pub recorded_at: DateTime<Utc>,
    /// What all commands and events of one conversation share.
    pub correlation_id: Uuid,
    /// What caused the command: the id of another command or message, where there is one.
    pub causation_id: Option<Uuid>,
    /// On whose behalf.
    pub actor: Option<Arc<str>>,
    /// Whatever else the application wants to keep beside its events.
    pub custom: serde_json::Map<String, serde_json::Value>,
}

impl Metadata {
    /// The metadata of a command nobody caused: its correlation id is its own.
    #[must_use]
    pub fn new(request: RequestId, recorded_at: DateTime<Utc>) -> Self {
        Self {
            request,
            recorded_at,
            correlation_id: request.0,
            causation_id: None,
            actor: None,
            custom: serde_json::Map::new(),
        }
    }
}

/// What must hold for an append to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The stream is as expected.
    Stream {
        /// The stream.
        stream: StreamId,
        /// Its state.
        expected: Expected,
    },
    /// No event that matches was written after a position: a dynamic consistency boundary.
    NoMatch {
        /// Which events.
        filter: EventFilter,
        /// Only events behind this position are looked at. [`Position::START`] looks at the whole log.
        after: Position,
    },
    /// Another append was written: for one that was decided on what that one leaves, before it was answered. A version
    /// alone would not tell that append's events from a stranger's that took their place.
    Written {
        /// The other append; in the same batch it stands before this one, and is written there, not repeated: a repetition
        /// is answered with what was written long before, and leaves nothing to build on.
        request: RequestId,
    },
}

/// The state a stream is expected in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there.
    Any,
    /// No event yet.
    NoStream,
    /// At least one event.
    Exists,
    /// Exactly this many events. `Version(0)` is the same as `NoStream`.
    Version(Version),
}

impl Expected {
    /// Whether a stream that has `actual` events is as expected.
    #[must_use]
    pub fn holds(self, actual: Version) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == Version::START,
            Self::Exists => actual > Version::START,
            Self::Version(version) => actual == version,
        }
    }
}

/// A change of a unique value, made in the append that says so (S7).
///
/// Within `key` every value has at most one holder. A claim by its present holder is no conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The holder takes the value, beside what it holds already.
    Take {
        /// What is unique, `user.email`.
        key: Arc<str>,
        /// The value.
        value: String,
        /// Who holds it from now on.
        holder: StreamId,
    },
    /// The holder takes the value and gives back every other one it holds under `key`.
    Replace {
        /// What is unique, `user.email`.
        key: Arc<str>,
        /// The value.
        value: String,
        /// Who holds it from now on.
        holder: StreamId,
    },
    /// The holder gives back a value, or all it holds under `key`. Values of others are not touched; giving back what
    /// one does not hold changes nothing.
    Release {
        /// What is unique, `user.email`.
        key: Arc<str>,
        /// The value; `None` for all.
        value: Option<String>,
        /// Who held it.
        holder: StreamId,
    },
}

impl Claim {
    /// The longest claimed value, in bytes.
    pub const MAX_VALUE_BYTES: usize = 2048;

    /// What is unique.
    #[must_use]
    pub fn key(&self) -> &Arc<str> {
        match self {
            Self::Take { key, .. } | Self::Replace { key, .. } | Self::Release { key, .. } => key,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidInput> {
        let (key, value) = match self {
            Self::Take { key, value, .. } | Self::Replace { key, value, .. } => (key, Some(value)),
            Self::Release { key, value, .. } => (key, value.as_ref()),
        };
        if key.is_empty() {
            return Err(InvalidInput::Empty { what: "claim key" });
        }
        if key.len() > MAX_NAME_BYTES {
            return Err(InvalidInput::TooLong { what: "claim key", bytes: key.len(), limit: MAX_NAME_BYTES });
        }
        match value {
            Some(value) if value.len() > Self::MAX_VALUE_BYTES => {
                Err(InvalidInput::TooLong { what: "claimed value", bytes: value.len(), limit: Self::MAX_VALUE_BYTES })
            }
            _ => Ok(()),
        }
    }
}

/// The receipt of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The position of the last event written; for an append without events the end of the log when it was judged.
    pub last: Position,
    /// How many events were written, at the positions that end with `last`.
    pub count: u64,
    /// Whether this is the receipt of an earlier append with the same request id.
    pub repeated: bool,
}

impl Appended {
    /// The position of the first event written, if there was one.
    #[must_use]
    pub fn first(&self) -> Option<Position> {
        (self.count > 0).then(|| Position(self.last.0 + 1 - self.count))
    }
}
