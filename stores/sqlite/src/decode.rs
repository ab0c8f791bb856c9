//! From a row of `events` to a recorded event (S10: all of it, or an error that names it).

use std::{fmt::Display, sync::Arc};

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use cqrs_core::{
    HistoryEvent, Metadata, Position, RecordedEvent, RequestId, StoreError, StreamId, Tag, Version, store::Corrupt,
};
use rusqlite::{Row, types::ValueRef};
use uuid::Uuid;

use crate::error::Fault;

/// The columns of an event, in the order that [`Decoder`] reads them, and where the stream comes from.
macro_rules! event_columns {
    ($stream:literal) => {
        concat!(
            "e.position, ",
            $stream,
            ", e.version, e.type, e.request, e.recorded_at, e.recorded_ns, e.correlation, \
         e.causation, e.actor, e.custom, e.tags, e.payload"
        )
    };
}
pub(crate) use event_columns;

/// Where the type is among [`event_columns`].
pub(crate) const TYPE: usize = 3;

/// Payloads read one after another share a buffer of this size instead of an allocation each. It lives as long as one of
/// them.
const BUFFER_BYTES: usize = 32 * 1024;

/// Names of types that are shared at once. Looked through one by one, which is faster than hashing a few.
const SHARED_TYPES: usize = 16;

/// What is wrong with a row, in words.
type Cause = String;

/// Reads events of one statement. Names and envelopes that repeat from row to row are shared.
#[derive(Default)]
pub(crate) struct Decoder {
    stream: Option<StreamId>,
    /// Those met last are first.
    event_types: Vec<Arc<str>>,
    metadata: Option<Arc<Metadata>>,
    buffer: BytesMut,
}

impl Decoder {
    pub(crate) fn event(&mut self, row: &Row<'_>) -> Result<RecordedEvent, Fault> {
        self.decoded(row).map_err(|cause| corrupt(row, cause))
    }

    fn decoded(&mut self, row: &Row<'_>) -> Result<RecordedEvent, Cause> {
        Ok(RecordedEvent {
            position: Position(number(row, 0, "position")?),
            stream: self.stream(value(row, 1))?,
            version: Version(number(row, 2, "version")?),
            event_type: self.event_type(row)?,
            metadata: self.metadata(row)?,
            tags: optional(row, 11).map_or(Ok(Vec::new()), tags)?,
            payload: self.payload(value(row, 12).as_bytes().map_err(|error| wrong("payload", error))?),
        })
    }

    /// Reads an event of a statement that selects no more of it than that.
    pub(crate) fn history_event(&mut self, row: &Row<'_>) -> Result<HistoryEvent, Fault> {
        let mut decoded = || -> Result<HistoryEvent, Cause> {
            Ok(HistoryEvent {
                version: Version(number(row, 2, "version")?),
                event_type: self.event_type(row)?,
                payload: self.payload(value(row, 4).as_bytes().map_err(|error| wrong("payload", error))?),
            })
        };
        decoded().map_err(|cause| corrupt(row, cause))
    }

    fn stream(&mut self, stored: ValueRef<'_>) -> Result<StreamId, Cause> {
        if let (Some(last), ValueRef::Text(bytes)) = (&self.stream, stored)
            && last.as_str().as_bytes() == bytes
        {
            return Ok(last.clone());
        }
        let stream = StreamId::parse(utf8(stored, "stream")?).map_err(|error| wrong("stream", error))?;
        Ok(self.stream.insert(stream).clone())
    }

    fn payload(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > BUFFER_BYTES / 8 {
            return Bytes::copy_from_slice(bytes);
        }
        if self.buffer.capacity() < bytes.len() {
            self.buffer = BytesMut::with_capacity(BUFFER_BYTES);
        }
        self.buffer.extend_from_slice(bytes);
        self.buffer.split().freeze()
    }

    fn event_type(&mut self, row: &Row<'_>) -> Result<Arc<str>, Cause> {
        let stored = value(row, TYPE);
        if let ValueRef::Text(bytes) = stored
            && let Some(place) = self.event_types.iter().position(|known| known.as_bytes() == bytes)
        {
            self.event_types[..=place].rotate_right(1);
            return Ok(Arc::clone(&self.event_types[0]));
        }
        let event_type: Arc<str> = utf8(stored, "type")?.into();
        self.event_types.insert(0, Arc::clone(&event_type));
        self.event_types.truncate(SHARED_TYPES);
        Ok(event_type)
    }

    /// Events of one append, which share their envelope, mostly follow one another.
    fn metadata(&mut self, row: &Row<'_>) -> Result<Arc<Metadata>, Cause> {
        let request = uuid(value(row, 4), "request")?;
        if let Some(last) = &self.metadata
            && last.request.0 == request
        {
            return Ok(Arc::clone(last));
        }
        let metadata = Metadata {
            request: RequestId(request),
            recorded_at: moment(row)?,
            correlation_id: optional(row, 7).map_or(Ok(request), |id| uuid(id, "correlation"))?,
            causation_id: optional(row, 8).map(|id| uuid(id, "causation")).transpose()?,
            actor: optional(row, 9).map(|actor| utf8(actor, "actor").map(Arc::from)).transpose()?,
            custom: optional(row, 10).map_or(Ok(serde_json::Map::new()), custom)?,
        };
        Ok(Arc::clone(self.metadata.insert(Arc::new(metadata))))
    }
}

fn moment(row: &Row<'_>) -> Result<DateTime<Utc>, Cause> {
    let seconds = value(row, 5).as_i64().map_err(|error| wrong("recorded_at", error))?;
    let nanoseconds = u32::try_from(number(row, 6, "recorded_ns")?).map_err(|error| wrong("recorded_ns", error))?;
    DateTime::from_timestamp(seconds, nanoseconds).ok_or_else(|| wrong("recorded_at", "no such moment"))
}

fn custom(json: ValueRef<'_>) -> Result<serde_json::Map<String, serde_json::Value>, Cause> {
    let bytes = json.as_bytes().map_err(|error| wrong("custom", error))?;
    serde_json::from_slice(bytes).map_err(|error| wrong("custom", error))
}

fn tags(json: ValueRef<'_>) -> Result<Vec<Tag>, Cause> {
    let bytes = json.as_bytes().map_err(|error| wrong("tags", error))?;
    let texts: Vec<String> = serde_json::from_slice(bytes).map_err(|error| wrong("tags", error))?;
    texts.iter().map(|text| Tag::parse(text).map_err(|error| wrong("tags", error))).collect()
}

/// A column of [`event_columns`], all of which every row has.
fn value<'a>(row: &'a Row<'_>, column: usize) -> ValueRef<'a> {
    row.get_ref(column).unwrap_or(ValueRef::Null)
}

fn optional<'a>(row: &'a Row<'_>, column: usize) -> Option<ValueRef<'a>> {
    Some(value(row, column)).filter(|value| !matches!(value, ValueRef::Null))
}

fn number(row: &Row<'_>, column: usize, what: &str) -> Result<u64, Cause> {
    let number = value(row, column).as_i64().map_err(|error| wrong(what, error))?;
    u64::try_from(number).map_err(|_| wrong(what, format_args!("{number} is negative")))
}

fn utf8<'a>(value: ValueRef<'a>, what: &str) -> Result<&'a str, Cause> {
    match value {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|error| wrong(what, error)),
        other => Err(wrong(what, format_args!("{} where text must be", other.data_type()))),
    }
}

fn uuid(value: ValueRef<'_>, what: &str) -> Result<Uuid, Cause> {
    let bytes = value.as_blob().map_err(|error| wrong(what, error))?;
    Uuid::from_slice(bytes).map_err(|error| wrong(what, error))
}

#[allow(clippy::needless_pass_by_value, reason = "reads better where errors are mapped")]
fn wrong(what: &str, cause: impl Display) -> Cause {
    format!("its `{what}`: {cause}")
}

/// The error that names a row that cannot be understood, as far as it can be read.
pub(crate) fn corrupt(row: &Row<'_>, cause: Cause) -> Fault {
    let natural =
        |column| value(row, column).as_i64().ok().and_then(|number| number.try_into().ok()).unwrap_or_default();
    let shown = |column| match value(row, column) {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => format!("{other:?}"),
    };
    Fault::Store(StoreError::Corrupt(Box::new(Corrupt {
        position: Position(natural(0)),
        stream: shown(1),
        version: Version(natural(2)),
        event_type: shown(TYPE),
        cause,
    })))
}
