//! From a row of `events` to a recorded event (S10: all of it, or an error that names it).

use std::{error::Error, fmt::Display, sync::Arc};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, TimeDelta, Utc};
use cqrs_core::{
    HistoryEvent, Metadata, Position, RecordedEvent, RequestId, StoreError, StreamId, Tag, Version, store::Corrupt,
};
use tokio_postgres::{
    Row,
    types::{FromSql, Type},
};
use uuid::Uuid;

use crate::{error::damaged, text::restored};

/// The columns of the statements that read events, as [`Sql`](crate::sql::Sql) orders them: what folding takes, the rest of
/// an event, and where it is not known which stream it is of or whether there is one, its stream and how far the log reaches.
mod column {
    pub(super) const POSITION: usize = 0;
    pub(super) const VERSION: usize = 1;
    pub(super) const TYPE: usize = 2;
    pub(super) const PAYLOAD: usize = 3;
    pub(super) const REQUEST: usize = 4;
    pub(super) const RECORDED_AT: usize = 5;
    pub(super) const RECORDED_NS: usize = 6;
    pub(super) const CORRELATION: usize = 7;
    pub(super) const CAUSATION: usize = 8;
    pub(super) const ACTOR: usize = 9;
    pub(super) const CUSTOM: usize = 10;
    pub(super) const TAGS: usize = 11;
    pub(super) const STREAM: usize = 12;
    pub(super) const HEAD: usize = 13;
}

/// Payloads read one after another share a buffer of this size instead of an allocation each. It lives as long as one of
/// them.
const BUFFER_BYTES: usize = 32 * 1024;

/// Names of types that are shared at once. Looked through one by one, which is faster than hashing a few.
const SHARED_TYPES: usize = 16;

/// What is wrong with a row, in words.
type Cause = String;

/// Text or JSON as the server sends it.
#[derive(Clone, Copy)]
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(declared: &Type) -> bool {
        matches!(*declared, Type::JSON | Type::TEXT)
    }
}

/// How far the log reached when a page was read. Every row of it says so.
pub(crate) fn reach(rows: &[Row]) -> Result<Position, StoreError> {
    let row = rows.first().ok_or_else(|| damaged("it does not say how far the log reaches"))?;
    number(row, column::HEAD, "position").map(Position).map_err(damaged)
}

/// Reads events of one statement. Names and envelopes that repeat from row to row are shared.
#[derive(Default)]
pub(crate) struct Decoder {
    /// Whose rows do not say what stream they are of.
    only: Option<StreamId>,
    last: Option<StreamId>,
    /// Those met last are first.
    event_types: Vec<Arc<str>>,
    metadata: Option<Arc<Metadata>>,
    buffer: BytesMut,
}

impl Decoder {
    /// For rows without a stream.
    pub(crate) fn of_stream(stream: &StreamId) -> Self {
        Self { only: Some(stream.clone()), ..Self::default() }
    }

    /// Whether a page's row is an event's, or stands there for want of one.
    pub(crate) fn has_event(row: &Row) -> bool {
        !matches!(row.try_get::<_, Option<i64>>(column::POSITION), Ok(None))
    }

    pub(crate) fn event(&mut self, row: &Row) -> Result<RecordedEvent, StoreError> {
        self.decoded(row).map_err(|cause| self.corrupt(row, cause))
    }

    fn decoded(&mut self, row: &Row) -> Result<RecordedEvent, Cause> {
        Ok(RecordedEvent {
            position: Position(number(row, column::POSITION, "position")?),
            stream: self.stream(row)?,
            version: Version(number(row, column::VERSION, "version")?),
            event_type: self.event_type(row)?,
            metadata: self.metadata(row)?,
            tags: value::<Option<_>>(row, column::TAGS, "tags")?.map_or(Ok(Vec::new()), tags)?,
            payload: self.payload(row)?,
        })
    }

    /// Reads an event of a statement that selects no more of it than that.
    pub(crate) fn history_event(&mut self, row: &Row) -> Result<HistoryEvent, StoreError> {
        let mut decoded = || -> Result<HistoryEvent, Cause> {
            Ok(HistoryEvent {
                version: Version(number(row, column::VERSION, "version")?),
                event_type: self.event_type(row)?,
                payload: self.payload(row)?,
            })
        };
        decoded().map_err(|cause| self.corrupt(row, cause))
    }

    fn stream(&mut self, row: &Row) -> Result<StreamId, Cause> {
        if let Some(only) = &self.only {
            return Ok(only.clone());
        }
        let stored: &str = value(row, column::STREAM, "stream")?;
        if let Some(last) = &self.last
            && last.as_str() == stored
        {
            return Ok(last.clone());
        }
        let stream = StreamId::parse(stored).map_err(|error| wrong("stream", error))?;
        Ok(self.last.insert(stream).clone())
    }

    fn payload(&mut self, row: &Row) -> Result<Bytes, Cause> {
        let Raw(bytes) = value(row, column::PAYLOAD, "payload")?;
        if bytes.len() > BUFFER_BYTES / 8 {
            return Ok(Bytes::copy_from_slice(bytes));
        }
        if self.buffer.capacity() < bytes.len() {
            self.buffer = BytesMut::with_capacity(BUFFER_BYTES);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(self.buffer.split().freeze())
    }

    fn event_type(&mut self, row: &Row) -> Result<Arc<str>, Cause> {
        let Raw(stored) = value(row, column::TYPE, "type")?;
        let name = |known: &Arc<str>| known.as_bytes() == stored;
        if let Some(place) = self.event_types.iter().position(name) {
            self.event_types[..=place].rotate_right(1);
            return Ok(Arc::clone(&self.event_types[0]));
        }
        let stored = std::str::from_utf8(stored).map_err(|error| wrong("type", error))?;
        let event_type: Arc<str> = restored(stored).into();
        // Only what is stored as it is can be found by what is stored.
        if *event_type == *stored {
            self.event_types.truncate(SHARED_TYPES - 1);
            self.event_types.insert(0, Arc::clone(&event_type));
        }
        Ok(event_type)
    }

    /// Events of one append, which share their envelope, mostly follow one another.
    fn metadata(&mut self, row: &Row) -> Result<Arc<Metadata>, Cause> {
        let request: Uuid = value(row, column::REQUEST, "request")?;
        if let Some(last) = &self.metadata
            && last.request.0 == request
        {
            return Ok(Arc::clone(last));
        }
        let actor: Option<&str> = value(row, column::ACTOR, "actor")?;
        let metadata = Metadata {
            request: RequestId(request),
            recorded_at: moment(row)?,
            correlation_id: value::<Option<_>>(row, column::CORRELATION, "correlation")?.unwrap_or(request),
            causation_id: value(row, column::CAUSATION, "causation")?,
            actor: actor.map(|actor| restored(actor).into()),
            custom: value::<Option<_>>(row, column::CUSTOM, "custom")?.map_or(Ok(serde_json::Map::new()), custom)?,
        };
        Ok(Arc::clone(self.metadata.insert(Arc::new(metadata))))
    }

    /// The error that names a row that cannot be understood, as far as it can be read.
    fn corrupt(&self, row: &Row, cause: Cause) -> StoreError {
        let natural = |column| number(row, column, "").unwrap_or_default();
        let text = |column| row.try_get::<_, &str>(column).map(|text| restored(text).into_owned());
        let stream = self.only.as_ref().map_or_else(|| text(column::STREAM), |only| Ok(only.to_string()));
        StoreError::Corrupt(Box::new(Corrupt {
            position: Position(natural(column::POSITION)),
            stream: stream.unwrap_or_default(),
            version: Version(natural(column::VERSION)),
            event_type: text(column::TYPE).unwrap_or_default(),
            cause,
        }))
    }
}

fn moment(row: &Row) -> Result<DateTime<Utc>, Cause> {
    let microseconds: DateTime<Utc> = value(row, column::RECORDED_AT, "recorded_at")?;
    let below: i16 = value(row, column::RECORDED_NS, "recorded_ns")?;
    if !(0..1000).contains(&below) {
        return Err(wrong("recorded_ns", format_args!("{below} is not below a microsecond")));
    }
    let moment = microseconds.checked_add_signed(TimeDelta::nanoseconds(below.into()));
    moment.ok_or_else(|| wrong("recorded_at", "no such moment"))
}

fn custom(json: Raw<'_>) -> Result<serde_json::Map<String, serde_json::Value>, Cause> {
    serde_json::from_slice(json.0).map_err(|error| wrong("custom", error))
}

#[allow(clippy::needless_pass_by_value, reason = "what a row gives is a vector")]
fn tags(texts: Vec<&str>) -> Result<Vec<Tag>, Cause> {
    texts.iter().map(|text| Tag::parse(text).map_err(|error| wrong("tags", error))).collect()
}

fn value<'a, T: FromSql<'a>>(row: &'a Row, column: usize, what: &str) -> Result<T, Cause> {
    row.try_get(column)
        .map_err(|error| wrong(what, error.source().map_or_else(|| error.to_string(), ToString::to_string)))
}

fn number(row: &Row, column: usize, what: &str) -> Result<u64, Cause> {
    let number: i64 = value(row, column, what)?;
    u64::try_from(number).map_err(|_| wrong(what, format_args!("{number} is negative")))
}

#[allow(clippy::needless_pass_by_value, reason = "reads better where errors are mapped")]
fn wrong(what: &str, cause: impl Display) -> Cause {
    format!("its `{what}`: {cause}")
}
