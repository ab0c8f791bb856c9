//! Appends in the words that the server's functions read, for judging them one by one.

use std::{borrow::Cow, fmt::Display};

use cqrs_core::{Claim, Condition, EventFilter, Expected, Position, StoreError};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::{error::failed, text::stored};

/// The appends of a batch: a JSON array of [`Step`]s.
#[derive(Default)]
pub(crate) struct Program(Vec<u8>);

impl Program {
    pub(crate) fn push(&mut self, step: &Step<'_>) -> Result<(), StoreError> {
        self.0.push(if self.0.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.0, step).map_err(unwritable)
    }

    pub(crate) fn finish(mut self) -> Result<String, StoreError> {
        if self.0.is_empty() {
            self.0.push(b'[');
        }
        self.0.push(b']');
        String::from_utf8(self.0).map_err(unwritable)
    }
}

/// An append.
#[derive(Serialize)]
pub(crate) struct Step<'a> {
    pub(crate) request: Uuid,
    pub(crate) writes: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "conditions")]
    pub(crate) conditions: &'a [Condition],
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "claims")]
    pub(crate) claims: &'a [Claim],
    /// Its events among those of the batch; the last one excluded.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

fn conditions<S: Serializer>(conditions: &&[Condition], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(conditions.iter().map(Asked::of))
}

fn claims<S: Serializer>(claims: &&[Claim], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(claims.iter().map(Change::of))
}

/// Something as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(unwritable)
}

fn unwritable(error: impl Display) -> StoreError {
    failed(format!("the batch cannot be written as JSON: {error}"))
}

/// A condition.
#[derive(Serialize)]
#[serde(untagged)]
enum Asked<'a> {
    Version { stream: &'a str, version: u64 },
    Some { stream: &'a str, at_least_one: bool },
    NoMatch(Boundary<'a>),
    Written { request: Uuid },
}

impl<'a> Asked<'a> {
    fn of(condition: &'a Condition) -> Self {
        match condition {
            Condition::Stream { stream, expected } => {
                let stream = stream.as_str();
                match expected {
                    Expected::Any => Self::Some { stream, at_least_one: false },
                    Expected::Exists => Self::Some { stream, at_least_one: true },
                    Expected::NoStream => Self::Version { stream, version: 0 },
                    Expected::Version(version) => Self::Version { stream, version: countable(version.0) },
                }
            }
            Condition::NoMatch { filter, after } => Self::NoMatch(Boundary::new(filter, *after)),
            Condition::Written { request } => Self::Written { request: request.0 },
        }
    }
}

/// No event that a filter chooses behind a position.
#[derive(Serialize)]
pub(crate) struct Boundary<'a> {
    filter: Vec<Selected<'a>>,
    after: u64,
}

/// What an event must have; where nothing is said, it may have anything.
#[derive(Serialize, Default)]
struct Selected<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    types: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    streams: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
}

impl<'a> Boundary<'a> {
    pub(crate) fn new(filter: &'a EventFilter, after: Position) -> Self {
        let selected = filter.selectors.iter().map(|selector| Selected {
            types: selector.types.iter().map(|event_type| stored(event_type)).collect(),
            streams: selector.streams.iter().map(cqrs_core::StreamId::as_str).collect(),
            tags: selector.tags.iter().map(cqrs_core::Tag::as_str).collect(),
        });
        let filter = if filter.is_everything() { vec![Selected::default()] } else { selected.collect() };
        Self { filter, after: countable(after.0) }
    }
}

/// What the server can count to. Beyond it there is nothing.
fn countable(number: u64) -> u64 {
    number.min(i64::MAX.unsigned_abs())
}

/// A change of a claim.
#[derive(Serialize)]
pub(crate) struct Change<'a> {
    op: &'static str,
    key: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'a, str>>,
    holder: &'a str,
}

impl<'a> Change<'a> {
    pub(crate) fn of(claim: &'a Claim) -> Self {
        let (op, key, value, holder) = match claim {
            Claim::Take { key, value, holder } => ("take", key, Some(value), holder),
            Claim::Replace { key, value, holder } => ("replace", key, Some(value), holder),
            Claim::Release { key, value, holder } => ("release", key, value.as_ref(), holder),
        };
        Self { op, key: stored(key), value: value.map(|value| stored(value)), holder: holder.as_str() }
    }
}
