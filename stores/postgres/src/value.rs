//! Column values as the server keeps them, in the order that the contract gives them.

use std::{borrow::Cow, error::Error};

use bytes::{BufMut as _, BytesMut};
use chrono::{DateTime, NaiveDate, TimeDelta};
use cqrs_core::{ColumnType, Value};
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::text::{restored, stored};

/// The server counts moments and days from 2000-01-01.
const MICROS_TO_2000: i64 = 946_684_800_000_000;
const DAYS_TO_2000: i64 = 10_957;

/// 4713-11-24 before our era, proleptically: the server's first day. Its last is behind all that `chrono` knows.
const FIRST_DAY: i64 = -2_451_545;
const FIRST_MICRO: i64 = FIRST_DAY * 86_400_000_000;

/// How the server calls a type of columns.
pub(crate) struct Declared {
    pub(crate) sql: &'static str,
    pub(crate) one: Type,
    pub(crate) array: Type,
}

/// What a column is declared as.
pub(crate) fn declared(column_type: ColumnType) -> Option<Declared> {
    let (sql, one, array) = match column_type {
        ColumnType::Bool => ("boolean", Type::BOOL, Type::BOOL_ARRAY),
        ColumnType::Int => ("bigint", Type::INT8, Type::INT8_ARRAY),
        ColumnType::Float => ("double precision", Type::FLOAT8, Type::FLOAT8_ARRAY),
        ColumnType::Text => ("text COLLATE \"C\"", Type::TEXT, Type::TEXT_ARRAY),
        ColumnType::Uuid => ("uuid", Type::UUID, Type::UUID_ARRAY),
        ColumnType::Timestamp => ("timestamptz", Type::TIMESTAMPTZ, Type::TIMESTAMPTZ_ARRAY),
        ColumnType::Date => ("date", Type::DATE, Type::DATE_ARRAY),
        _ => return None,
    };
    Some(Declared { sql, one, array })
}

/// Why a column cannot hold a value.
pub(crate) fn misfit(value: &Value, column_type: ColumnType) -> Option<String> {
    match (column_type, value) {
        (_, Value::Null)
        | (ColumnType::Bool, Value::Bool(_))
        | (ColumnType::Int, Value::Int(_))
        | (ColumnType::Text, Value::Text(_))
        | (ColumnType::Uuid, Value::Uuid(_)) => None,
        (ColumnType::Float, Value::Float(number)) => number.is_nan().then(|| "a column cannot hold `NaN`".into()),
        (ColumnType::Timestamp, Value::Timestamp(moment)) => (micros(*moment) < FIRST_MICRO).then(too_early),
        (ColumnType::Date, Value::Date(day)) => (days(*day) < FIRST_DAY).then(too_early),
        (_, other) => Some(format!("a column of type {column_type:?} cannot hold {other}")),
    }
}

fn too_early() -> String {
    "a column cannot hold a day before 4713-11-24 BC".into()
}

/// A value to be bound where its type is declared.
#[derive(Debug)]
pub(crate) enum Bound<'a> {
    One(&'a Value),
    /// An array of those that are not `Null`.
    Some(&'a [Value]),
    /// The limit of a query; none is no limit.
    Count(Option<u64>),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::One(value) => write(value, to, out),
            Self::Some(values) => array(values.iter().filter(|value| **value != Value::Null), to, out),
            Self::Count(count) => count.map(bigint).to_sql(to, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One value of each of many, to be bound as an array.
#[derive(Debug)]
pub(crate) struct Each<I>(pub(crate) I);

impl<'a, I> ToSql for Each<I>
where
    I: Iterator<Item = &'a Value> + Clone + std::fmt::Debug,
{
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        array(self.0.clone(), to, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// An array of one dimension, in the server's binary format.
fn array<'a>(
    values: impl Iterator<Item = &'a Value>,
    to: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    let Kind::Array(element) = to.kind() else { return Err(format!("`{to}` is no array").into()) };
    elements(values, element, out, |value, out| write(value, element, out))
}

/// As [`array`], of whatever `write` writes.
pub(crate) fn elements<T>(
    values: impl Iterator<Item = T>,
    element: &Type,
    out: &mut BytesMut,
    mut write: impl FnMut(T, &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>>,
) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    let start = out.len();
    out.put_i32(1); // dimensions
    out.put_i32(1); // there may be NULLs
    out.put_u32(element.oid());
    out.put_i32(0); // how many, set below
    out.put_i32(1); // the first one's index
    let mut count: i32 = 0;
    for value in values {
        let place = out.len();
        out.put_i32(-1);
        if let IsNull::No = write(value, out)? {
            let length = i32::try_from(out.len() - place - 4)?;
            out[place..place + 4].copy_from_slice(&length.to_be_bytes());
        }
        count = count.checked_add(1).ok_or("too many values for an array")?;
    }
    out[start + 12..start + 16].copy_from_slice(&count.to_be_bytes());
    Ok(IsNull::No)
}

fn write(value: &Value, to: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    match value {
        Value::Null => return Ok(IsNull::Yes),
        Value::Bool(value) if *to == Type::BOOL => out.put_u8((*value).into()),
        Value::Int(value) if *to == Type::INT8 => out.put_i64(*value),
        Value::Float(value) if *to == Type::FLOAT8 && !value.is_nan() => out.put_f64(*value),
        Value::Text(value) if *to == Type::TEXT => out.put_slice(stored(value).as_bytes()),
        Value::Uuid(value) if *to == Type::UUID => out.put_slice(value.as_bytes()),
        // What is before the first day of the server is before all that is stored: minus infinity.
        Value::Timestamp(value) if *to == Type::TIMESTAMPTZ => {
            out.put_i64(Some(micros(*value)).filter(|micros| *micros >= FIRST_MICRO).unwrap_or(i64::MIN));
        }
        Value::Date(value) if *to == Type::DATE => {
            let days = Some(days(*value)).filter(|days| *days >= FIRST_DAY);
            out.put_i32(days.and_then(|days| i32::try_from(days).ok()).unwrap_or(i32::MIN));
        }
        other => return Err(format!("a column of type `{to}` cannot hold {other}").into()),
    }
    Ok(IsNull::No)
}

/// What is stored in a column, as the server sends it.
pub(crate) struct Raw<'a>(pub(crate) Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A stored value; `None` where it is none of its column's type.
pub(crate) fn read(Raw(raw): &Raw<'_>, stored_as: &Type, column_type: ColumnType) -> Option<Value> {
    let Some(raw) = *raw else { return Some(Value::Null) };
    let fixed = |raw: &[u8]| raw.try_into().ok().map(i64::from_be_bytes);
    Some(match (column_type, stored_as) {
        (ColumnType::Bool, &Type::BOOL) => Value::Bool(raw != [0]),
        (ColumnType::Int, &Type::INT8) => Value::Int(fixed(raw)?),
        (ColumnType::Float, &Type::FLOAT8) => Value::Float(f64::from_be_bytes(raw.try_into().ok()?)),
        (ColumnType::Text, &Type::TEXT) => {
            let text = std::str::from_utf8(raw).ok()?;
            Value::Text(match restored(text) {
                Cow::Borrowed(text) => text.to_owned(),
                Cow::Owned(text) => text,
            })
        }
        (ColumnType::Uuid, &Type::UUID) => Value::Uuid(Uuid::from_slice(raw).ok()?),
        (ColumnType::Timestamp, &Type::TIMESTAMPTZ) => {
            Value::Timestamp(DateTime::from_timestamp_micros(fixed(raw)?.checked_add(MICROS_TO_2000)?)?)
        }
        (ColumnType::Date, &Type::DATE) => {
            let days = i64::from(i32::from_be_bytes(raw.try_into().ok()?)) + DAYS_TO_2000;
            Value::Date(NaiveDate::default().checked_add_signed(TimeDelta::try_days(days)?)?)
        }
        _ => return None,
    })
}

fn micros(moment: DateTime<chrono::Utc>) -> i64 {
    moment.timestamp_micros() - MICROS_TO_2000
}

fn days(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days() - DAYS_TO_2000
}

/// A number that the server can count to; what is beyond is as good as its largest.
pub(crate) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value, to: &Type) -> Vec<u8> {
        let mut out = BytesMut::new();
        write(value, to, &mut out).unwrap();
        out.to_vec()
    }

    #[test]
    fn moments_are_cut_to_the_microsecond_below() {
        let moment = DateTime::from_timestamp(-1, 999_999_999).unwrap();
        assert_eq!(written(&Value::Timestamp(moment), &Type::TIMESTAMPTZ), (-MICROS_TO_2000 - 1).to_be_bytes());
    }

    #[test]
    fn what_is_before_the_first_day_compares_as_before_everything_and_is_not_stored() {
        let moment = Value::Timestamp(DateTime::<chrono::Utc>::MIN_UTC);
        assert_eq!(written(&moment, &Type::TIMESTAMPTZ), i64::MIN.to_be_bytes());
        assert!(misfit(&moment, ColumnType::Timestamp).is_some());
        let day = Value::Date(NaiveDate::MIN);
        assert_eq!(written(&day, &Type::DATE), i32::MIN.to_be_bytes());
        assert!(misfit(&day, ColumnType::Date).is_some());
    }
}
