//! Which events: the one filter that reading (S9) and conditions (S6) share.

use std::sync::Arc;

use super::{RecordedEvent, StreamId, Tag};

/// A choice of events: those that match any of its selectors. Without a selector it is every event.
///
/// ```
/// use cqrs::{EventFilter, Tag, store::Selector};
///
/// // everything that happened to course c1, and all new students
/// let filter = EventFilter::any_of([
///     Selector::default().tag(Tag::new("course", &"c1")?),
///     Selector::default().event_type("student.registered"),
/// ]);
/// assert!(!filter.is_everything());
/// # Ok::<(), cqrs::store::InvalidInput>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// An event that matches one of them is chosen. Empty: every event is.
    pub selectors: Vec<Selector>,
}

impl EventFilter {
    /// Every event.
    #[must_use]
    pub const fn everything() -> Self {
        Self { selectors: Vec::new() }
    }

    /// Events that match any of `selectors`.
    #[must_use]
    pub fn any_of(selectors: impl IntoIterator<Item = Selector>) -> Self {
        Self { selectors: selectors.into_iter().collect() }
    }

    /// Events of one of `types`.
    #[must_use]
    pub fn types<T: Into<Arc<str>>>(types: impl IntoIterator<Item = T>) -> Self {
        Self::any_of([Selector { types: types.into_iter().map(Into::into).collect(), ..Selector::default() }])
    }

    /// Whether every event is chosen.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.selectors.is_empty() || self.selectors.iter().any(Selector::is_everything)
    }

    /// Whether an event of this type, stream and tags is chosen.
    #[must_use]
    pub fn matches(&self, event_type: &str, stream: &StreamId, tags: &[Tag]) -> bool {
        self.selectors.is_empty() || self.selectors.iter().any(|selector| selector.matches(event_type, stream, tags))
    }

    /// Whether `event` is chosen.
    #[must_use]
    pub fn chooses(&self, event: &RecordedEvent) -> bool {
        self.matches(&event.event_type, &event.stream, &event.tags)
    }
}

/// One alternative of a filter: an event matches if its type is one of `types`, its stream one of `streams`, and it
/// carries all of `tags`. What is left empty asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// Stored names of event types.
    pub types: Vec<Arc<str>>,
    /// Streams.
    pub streams: Vec<StreamId>,
    /// Tags; the event must carry every one.
    pub tags: Vec<Tag>,
}

impl Selector {
    /// Adds a type.
    #[must_use]
    pub fn event_type(mut self, event_type: impl Into<Arc<str>>) -> Self {
        self.types.push(event_type.into());
        self
    }

    /// Adds a stream.
    #[must_use]
    pub fn stream(mut self, stream: &StreamId) -> Self {
        self.streams.push(stream.clone());
        self
    }

    /// Asks for one more tag.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// Whether it asks nothing.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.types.is_empty() && self.streams.is_empty() && self.tags.is_empty()
    }

    /// Whether an event of this type, stream and tags matches.
    #[must_use]
    pub fn matches(&self, event_type: &str, stream: &StreamId, tags: &[Tag]) -> bool {
        (self.types.is_empty() || self.types.iter().any(|wanted| **wanted == *event_type))
            && (self.streams.is_empty() || self.streams.contains(stream))
            && self.tags.iter().all(|wanted| tags.contains(wanted))
    }
}
