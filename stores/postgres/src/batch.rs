//! A batch of appends as the server's function takes it.

use std::collections::{HashMap, HashSet};

use cqrs_core::{Append, Condition, Expected, NewEvent, RequestId, StoreError, StreamId};
use uuid::Uuid;

use crate::{
    events::{Events, signed},
    program::{Boundary, Change, Program, Step, json},
};

/// A batch, taken apart for the server, and whether it may hold as a whole.
///
/// The server first tries whether all appends hold at once. For that every event is told how many of the batch come before
/// it in its stream, and every stream what it must be at before the batch.
pub(crate) struct Batch<'a> {
    pub(crate) events: Events,
    pub(crate) streams: Vec<&'a str>,
    /// What each stream must be at: `None`, anything; [`AT_LEAST_ONE`], not empty.
    pub(crate) versions: Vec<Option<i64>>,
    pub(crate) requests: Vec<Uuid>,
    pub(crate) built_on: Vec<Uuid>,
    pub(crate) boundaries: Option<String>,
    pub(crate) claims: Option<String>,
    pub(crate) receipts: Vec<Uuid>,
    pub(crate) before: Vec<i64>,
    pub(crate) program: String,
    pub(crate) at_once: bool,
}

const AT_LEAST_ONE: i64 = -1;

impl<'a> Batch<'a> {
    pub(crate) fn new(appends: &'a [Append]) -> Result<Self, StoreError> {
        let mut builder = Builder::default();
        for append in appends {
            builder.add(append)?;
        }
        builder.finish()
    }
}

#[derive(Default)]
struct Builder<'a> {
    events: Events,
    streams: Vec<&'a str>,
    versions: Vec<Option<i64>>,
    by_stream: HashMap<&'a StreamId, Stream>,
    written: Vec<&'a NewEvent>,
    requests: Vec<Uuid>,
    /// The requests of appends that write, so far.
    writing: HashSet<RequestId>,
    built_on: Vec<Uuid>,
    boundaries: Vec<Boundary<'a>>,
    claims: Vec<Change<'a>>,
    receipts: Vec<Uuid>,
    before: Vec<i64>,
    program: Program,
    fails: bool,
}

/// What is known of a stream within the batch.
#[derive(Clone, Copy)]
struct Stream {
    /// Its place among the batch's streams.
    place: usize,
    /// How many events of the batch it has had so far.
    ahead: u64,
}

impl<'a> Builder<'a> {
    fn add(&mut self, append: &'a Append) -> Result<(), StoreError> {
        for condition in &append.conditions {
            self.condition(condition);
        }
        // The second of two is answered with the receipt of the first, so it cannot be judged beside it.
        self.fails |= self.writing.contains(&append.request);
        self.requests.push(append.request.0);
        if append.writes() {
            self.writing.insert(append.request);
            if append.events.is_empty() {
                self.receipts.push(append.request.0);
                self.before.push(signed(self.written.len() as u64));
            }
        }
        let first = self.written.len();
        for (event, left) in append.events.iter().zip((0..append.events.len()).rev()) {
            let stream = self.stream(&event.stream);
            stream.ahead += 1;
            let stream = *stream;
            let written = (left == 0).then_some(append.events.len());
            self.events.push(event, &append.metadata, (stream.place, stream.ahead), written)?;
        }
        self.written.extend(&append.events);
        self.claims.extend(append.claims.iter().map(Change::of));
        self.program.push(&Step {
            request: append.request.0,
            writes: append.writes(),
            conditions: &append.conditions,
            claims: &append.claims,
            first,
            last: self.written.len(),
        })
    }

    fn stream(&mut self, stream: &'a StreamId) -> &mut Stream {
        let (streams, versions) = (&mut self.streams, &mut self.versions);
        self.by_stream.entry(stream).or_insert_with(|| {
            streams.push(stream.as_str());
            versions.push(None);
            Stream { place: streams.len() - 1, ahead: 0 }
        })
    }

    /// Notes what a condition asks of the log before the batch, if all appends before it in the batch hold.
    fn condition(&mut self, condition: &'a Condition) {
        match condition {
            Condition::Stream { expected: Expected::Any, .. } => {}
            Condition::Stream { stream, expected } => {
                let Stream { place, ahead } = *self.stream(stream);
                let version = match expected {
                    Expected::Version(version) => version.0.checked_sub(ahead).map(signed),
                    Expected::NoStream => (ahead == 0).then_some(0),
                    Expected::Exists if ahead > 0 => return,
                    Expected::Exists | Expected::Any => Some(AT_LEAST_ONE),
                };
                self.require(place, version);
            }
            Condition::NoMatch { filter, after } => {
                let mut written = self.written.iter();
                self.fails |= written.any(|event| filter.matches(&event.event_type, &event.stream, &event.tags));
                self.boundaries.push(Boundary::new(filter, *after));
            }
            Condition::Written { request } if self.writing.contains(request) => {}
            Condition::Written { request } => self.built_on.push(request.0),
        }
    }

    /// Requires a stream to be at a version before the batch; `None` where it cannot be at any that would do.
    fn require(&mut self, place: usize, version: Option<i64>) {
        let required = &mut self.versions[place];
        match (*required, version) {
            (None, Some(version)) => *required = Some(version),
            (Some(AT_LEAST_ONE), Some(version)) if version != 0 => *required = Some(version),
            (Some(known), Some(AT_LEAST_ONE)) if known != 0 => {}
            (Some(known), Some(version)) if known == version => {}
            (_, _) => self.fails = true,
        }
    }

    fn finish(self) -> Result<Batch<'a>, StoreError> {
        Ok(Batch {
            boundaries: (!self.boundaries.is_empty()).then(|| json(&self.boundaries)).transpose()?,
            claims: (!self.claims.is_empty()).then(|| json(&self.claims)).transpose()?,
            program: self.program.finish()?,
            at_once: !self.fails,
            events: self.events,
            streams: self.streams,
            versions: self.versions,
            requests: self.requests,
            built_on: self.built_on,
            receipts: self.receipts,
            before: self.before,
        })
    }
}
