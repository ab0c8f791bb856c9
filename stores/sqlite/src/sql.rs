//! What every statement needs: numbers, text and names as `SQLite` takes them.

use cqrs_core::StoreError;
use rusqlite::{
    ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::error::Fault;

/// Bytes bound as text: read back they are the same bytes, and people see text.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl ToSql for Text<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

/// A position, version, count or limit as `SQLite` counts. What is larger than it can count is beyond all it holds.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored position, version or count.
pub(crate) fn natural(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::failed(format!("the file is damaged: it holds {number} as a position")))
}

/// A name as an identifier, whatever is in it.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `StoreError::Failed` without a driver's error.
pub(crate) fn failed(message: impl Into<String>) -> StoreError {
    StoreError::Failed { message: message.into(), source: None }
}
