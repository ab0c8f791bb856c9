//! Appends in the words that the server's functions read, for judging them one by one.

use std::borrow::Cow;

use cqrs_core::{Claim, Condition, EventFilter, Expected, Position};
use serde::Serialize;
use uuid::Uuid;

use crate::text::stored;

/// An append.
#[derive(Serialize)]
pub(crate) struct Step<'a> {
    pub(crate) request: Uuid,
    pub(crate) writes: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) conditions: Vec<Asked<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) claims: Vec<Change<'a>>,
    /// Its events among those of the batch; the last one excluded.
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// A condition.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Asked<'a> {
    Version { stream: &'a str, version: u64 },
    Some { stream: &'a str, at_least_one: bool },
    NoMatch(Boundary<'a>),
    Written { request: Uuid },
}

impl<'a> Asked<'a> {
    pub(crate) fn of(condition: &'a Condition) -> Self {
        match condition {
            Condition::Stream { stream, expected } => {
                let stream = stream.as_str();
                match expected {
                    Expected::Any => Self::Some { stream, at_least_one: false },
                    Expected::Exists => Self::Some { stream, at_least_one: true },
                    Expected::NoStream => Self::Version { stream, version: 0 },
                    Expected::Version(version) => Self::Version { stream, version: version.0 },
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
        Self { filter, after: after.0.min(i64::MAX.unsigned_abs()) }
    }
}

/// A change of a claim.
#[derive(Serialize, Clone)]
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
