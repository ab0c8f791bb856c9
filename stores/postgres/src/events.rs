//! New events in the server's binary format: an array of the composite type `new_event`.
//!
//! One array of rows is taken apart by the server in a third of the time that an array a column takes.

use bytes::{BufMut as _, BytesMut};
use chrono::{DateTime, TimeDelta, Utc};
use cqrs_core::{Metadata, NewEvent, StoreError, store::InvalidInput};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::{error::failed, text::stored};

/// How many columns `new_event` has.
const COLUMNS: i32 = 14;

/// The most bytes that go to the server in one call: a gigabyte is what a value may have there, and memory is used several
/// times over.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The events of a batch, encoded one after another.
#[derive(Debug, Default)]
pub(crate) struct Events {
    rows: BytesMut,
    count: usize,
    tagged: bool,
}

impl Events {
    /// Adds an event: of the stream at a place among the batch's, with so many of the batch's events before it in its stream
    /// or itself; `written` is said of the last of an append.
    pub(crate) fn push(
        &mut self,
        event: &NewEvent,
        metadata: &Metadata,
        (place, ahead): (usize, u64),
        written: Option<usize>,
    ) -> Result<(), StoreError> {
        let (micros, nanos) = moment(metadata.recorded_at)?;
        let correlation = (metadata.correlation_id != metadata.request.0).then_some(metadata.correlation_id);
        let custom = (!metadata.custom.is_empty()).then(|| serde_json::to_vec(&metadata.custom)).transpose();
        let custom = custom.map_err(|error| failed(format!("metadata cannot be written as JSON: {error}")))?;

        let begin = self.rows.len();
        self.rows.put_i32(0);
        self.rows.put_i32(COLUMNS);
        self.column(&Type::INT4, Some(&integer(place + 1)?.to_be_bytes()));
        self.column(&Type::INT8, Some(&signed(ahead).to_be_bytes()));
        self.column(&Type::TIMESTAMPTZ, Some(&micros.to_be_bytes()));
        self.column(&Type::UUID, Some(metadata.request.0.as_bytes()));
        self.column(&Type::UUID, correlation.as_ref().map(|id| id.as_bytes().as_slice()));
        self.column(&Type::UUID, metadata.causation_id.as_ref().map(|id| id.as_bytes().as_slice()));
        let written = written.map(integer).transpose()?.map(i32::to_be_bytes);
        self.column(&Type::INT4, written.as_ref().map(<[u8; 4]>::as_slice));
        self.column(&Type::INT2, Some(&nanos.to_be_bytes()));
        self.column(&Type::TEXT, Some(event.stream.as_str().as_bytes()));
        self.column(&Type::TEXT, Some(stored(&event.event_type).as_bytes()));
        self.column(&Type::TEXT, metadata.actor.as_deref().map(stored).as_ref().map(|actor| actor.as_bytes()));
        self.column(&Type::JSON, custom.as_deref());
        self.tags(event)?;
        self.column(&Type::JSON, Some(&event.payload));

        let length = self.rows.len() - begin - 4;
        if self.rows.len() > MAX_BYTES {
            return Err(InvalidInput::TooLong { what: "batch", bytes: self.rows.len(), limit: MAX_BYTES }.into());
        }
        self.rows[begin..begin + 4].copy_from_slice(&integer(length)?.to_be_bytes());
        self.count += 1;
        Ok(())
    }

    /// Whether any of them has tags.
    pub(crate) fn are_tagged(&self) -> bool {
        self.tagged
    }

    fn column(&mut self, declared: &Type, value: Option<&[u8]>) {
        self.rows.put_u32(declared.oid());
        match value {
            // An event is limited to far less than the length of a column.
            Some(value) => {
                self.rows.put_u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
                self.rows.put_slice(value);
            }
            None => self.rows.put_i32(-1),
        }
    }

    fn tags(&mut self, event: &NewEvent) -> Result<(), StoreError> {
        if event.tags.is_empty() {
            self.column(&Type::TEXT_ARRAY, None);
            return Ok(());
        }
        self.tagged = true;
        let mut array = BytesMut::new();
        header(&mut array, &Type::TEXT, event.tags.len())?;
        for tag in &event.tags {
            array.put_i32(integer(tag.as_str().len())?);
            array.put_slice(tag.as_str().as_bytes());
        }
        self.column(&Type::TEXT_ARRAY, Some(&array));
        Ok(())
    }
}

/// The beginning of an array in one dimension whose elements are all there.
fn header(out: &mut BytesMut, element: &Type, count: usize) -> Result<(), StoreError> {
    let dimensions = i32::from(count > 0);
    out.put_i32(dimensions);
    out.put_i32(0);
    out.put_u32(element.oid());
    if count > 0 {
        out.put_i32(integer(count)?);
        out.put_i32(1);
    }
    Ok(())
}

impl ToSql for Events {
    fn to_sql(&self, array: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let tokio_postgres::types::Kind::Array(element) = array.kind() else {
            return Err(format!("`{array}` is no array").into());
        };
        header(out, element, self.count)?;
        out.put_slice(&self.rows);
        Ok(IsNull::No)
    }

    fn accepts(array: &Type) -> bool {
        matches!(array.kind(), tokio_postgres::types::Kind::Array(_))
    }

    to_sql_checked!();
}

/// Microseconds since the year 2000, as the server counts them, and the nanoseconds below.
fn moment(at: DateTime<Utc>) -> Result<(i64, i16), StoreError> {
    let epoch = DateTime::from_timestamp(946_684_800, 0).unwrap_or_default();
    let nanos = i64::from(at.timestamp_subsec_nanos()) % 1000;
    let micros = (at - TimeDelta::nanoseconds(nanos) - epoch).num_microseconds();
    match (micros, i16::try_from(nanos)) {
        (Some(micros), Ok(nanos)) => Ok((micros, nanos)),
        _ => Err(failed(format!("{at} is no time that the server can store"))),
    }
}

fn integer(number: usize) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| failed(format!("{number} is more than the server counts in an array")))
}

/// A number of the log as the server keeps it. Beyond what it can keep there is nothing to be found.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The type of the array, under the number that the server gave it.
pub(crate) fn array_type(element: u32, array: u32) -> Type {
    use tokio_postgres::types::Kind;
    let element = Type::new("new_event".into(), element, Kind::Composite(Vec::new()), String::new());
    Type::new("_new_event".into(), array, Kind::Array(element), String::new())
}

/// Numbers of requests.
pub(crate) fn some(ids: &[Uuid]) -> Option<&[Uuid]> {
    (!ids.is_empty()).then_some(ids)
}
