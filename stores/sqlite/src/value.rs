//! Column values as `SQLite` keeps them, in the order that the contract gives them.

use chrono::{DateTime, NaiveDate};
use cqrs_core::{ColumnSchema, ColumnType, Value};
use rusqlite::{
    ToSql,
    types::{ToSqlOutput, ValueRef},
};
use uuid::Uuid;

/// A value to be bound. Moments are microseconds since 1970, days are days since then, ids are their 16 bytes.
pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer((*value).into()),
            Value::Int(value) => ValueRef::Integer(*value),
            // It would become `NULL`.
            Value::Float(value) if value.is_nan() => {
                return Err(rusqlite::Error::ToSqlConversionFailure("a column cannot hold `NaN`".into()));
            }
            Value::Float(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Uuid(value) => ValueRef::Blob(value.as_bytes()),
            Value::Timestamp(value) => ValueRef::Integer(value.timestamp_micros()),
            Value::Date(value) => ValueRef::Integer(days(*value)),
        }))
    }
}

/// What a column is declared as.
pub(crate) fn declared(column_type: ColumnType) -> Option<&'static str> {
    Some(match column_type {
        ColumnType::Bool | ColumnType::Int | ColumnType::Timestamp | ColumnType::Date => "INTEGER",
        ColumnType::Float => "REAL",
        ColumnType::Text => "TEXT",
        ColumnType::Uuid => "BLOB",
        _ => return None,
    })
}

/// A stored value; `None` where it is none of its column's type.
pub(crate) fn read(stored: ValueRef<'_>, column: &ColumnSchema) -> Option<Value> {
    Some(match (column.column_type, stored) {
        (_, ValueRef::Null) => Value::Null,
        (ColumnType::Bool, ValueRef::Integer(value)) => Value::Bool(value != 0),
        (ColumnType::Int, ValueRef::Integer(value)) => Value::Int(value),
        (ColumnType::Float, ValueRef::Real(value)) => Value::Float(value),
        (ColumnType::Text, ValueRef::Text(value)) => Value::Text(std::str::from_utf8(value).ok()?.to_owned()),
        (ColumnType::Uuid, ValueRef::Blob(value)) => Value::Uuid(Uuid::from_slice(value).ok()?),
        (ColumnType::Timestamp, ValueRef::Integer(value)) => Value::Timestamp(DateTime::from_timestamp_micros(value)?),
        (ColumnType::Date, ValueRef::Integer(value)) => Value::Date(date(value)?),
        _ => return None,
    })
}

fn days(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

fn date(days: i64) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::try_days(days)?)
}
