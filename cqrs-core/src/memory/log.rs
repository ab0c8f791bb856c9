//! The log: what was written, and the judging of what is to be written.

use std::sync::Arc;

use super::{
    claims::Claims,
    hash::{HashMap, RequestKey},
};
use crate::store::{
    Append, AppendError, Appended, Condition, Conflict, NewEvent, Position, RecordedEvent, RequestId, StreamId, Tag,
    Version,
};

#[derive(Default)]
pub(super) struct Log {
    pub(super) events: Events,
    requests: HashMap<RequestKey, Written>,
    claims: Claims,
}

/// Every event, with indexes that name events by their place in `all`, which is their position less one.
#[derive(Default)]
pub(super) struct Events {
    pub(super) all: Vec<RecordedEvent>,
    pub(super) by_stream: HashMap<StreamId, Vec<usize>>,
    pub(super) by_tag: HashMap<Tag, Vec<usize>>,
}

/// What is remembered of a request.
#[derive(Clone, Copy)]
struct Written {
    last: Position,
    count: u64,
}

impl Written {
    fn receipt(self, repeated: bool) -> Appended {
        Appended { last: self.last, count: self.count, repeated }
    }
}

impl Log {
    pub(super) fn receipt(&self, request: RequestId) -> Option<Appended> {
        self.requests.get(&RequestKey(request)).map(|written| written.receipt(true))
    }

    pub(super) fn holder(&self, key: &str, value: &str) -> Option<StreamId> {
        self.claims.holder(key, value).cloned()
    }

    /// Judges one append and writes it, or leaves everything as it was.
    ///
    /// `repeated` are the requests of this batch that were written before it, which nothing in it can build on.
    pub(super) fn append(&mut self, append: &Append, repeated: &mut Vec<RequestId>) -> Result<Appended, AppendError> {
        if let Some(first) = self.receipt(append.request) {
            repeated.push(append.request);
            return Ok(first);
        }
        for condition in &append.conditions {
            self.judge(condition, repeated)?;
        }
        if !append.claims.is_empty() {
            self.claims.change(&append.claims).map_err(AppendError::AlreadyClaimed)?;
        }
        // Nothing below can fail.
        for event in &append.events {
            self.events.push(event, append);
        }
        let written = Written { last: self.events.head(), count: append.events.len() as u64 };
        if append.writes() {
            self.requests.insert(RequestKey(append.request), written);
        }
        Ok(written.receipt(false))
    }

    fn judge(&self, condition: &Condition, repeated: &[RequestId]) -> Result<(), Conflict> {
        match condition {
            Condition::Stream { stream, expected } => {
                let actual = Version(self.events.by_stream.get(stream).map_or(0, Vec::len) as u64);
                if expected.holds(actual) {
                    return Ok(());
                }
                Err(Conflict::Stream { stream: stream.clone(), expected: *expected, actual })
            }
            Condition::NoMatch { filter, after } => match self.events.first_match(filter, *after) {
                None => Ok(()),
                Some(found) => Err(Conflict::Match { filter: Box::new(filter.clone()), after: *after, found }),
            },
            Condition::Written { request }
                if self.requests.contains_key(&RequestKey(*request)) && !repeated.contains(request) =>
            {
                Ok(())
            }
            Condition::Written { request } => Err(Conflict::Unwritten { request: *request }),
        }
    }
}

impl Events {
    /// The position of the last event.
    pub(super) fn head(&self) -> Position {
        Position(self.all.len() as u64)
    }

    fn push(&mut self, event: &NewEvent, append: &Append) {
        let place = self.all.len();
        let stream = match self.by_stream.get_mut(&event.stream) {
            Some(stream) => stream,
            None => self.by_stream.entry(event.stream.clone()).or_default(),
        };
        stream.push(place);
        let version = Version(stream.len() as u64);
        for tag in &event.tags {
            let tagged = match self.by_tag.get_mut(tag) {
                Some(tagged) => tagged,
                None => self.by_tag.entry(tag.clone()).or_default(),
            };
            // An event may carry a tag twice; it is found once.
            if tagged.last() != Some(&place) {
                tagged.push(place);
            }
        }
        self.all.push(RecordedEvent {
            position: self.head().next(),
            stream: event.stream.clone(),
            version,
            event_type: Arc::clone(&event.event_type),
            payload: event.payload.clone(),
            tags: event.tags.clone(),
            metadata: Arc::clone(&append.metadata),
        });
    }
}
