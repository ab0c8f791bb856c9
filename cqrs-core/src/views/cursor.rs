//! A place in an ordered selection, as a string that callers hand back.

use std::{fmt, fmt::Write as _, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    query::QueryError,
    read_model::Value,
    store::{Row, RowQuery},
};

/// A place in an ordered selection: the last row seen.
///
/// As text it is letters and digits only, fit for a URL. It belongs to the query that made it, and any other refuses
/// it. It is no secret: it holds the ordered fields and the key of that row.
///
/// ```
/// # use bank::*;
/// use cqrs::{Cursor, MemoryStore, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
/// for (id, owner) in [(1, "ann"), (2, "bob"), (3, "cy")] {
///     let opened = engine.execute(Open { id, owner: owner.into() }).await?;
///     engine.query(GetBalance { id }).after(&opened).await?;
/// }
/// let by_owner = || engine.views::<Balance>().order_by(Balance::OWNER);
///
/// let first = by_owner().slice(None, 2).await?;
/// let link = first.next.expect("there is a third").to_string();
/// let cursor: Cursor = link.parse()?;
/// let second = by_owner().slice(Some(&cursor), 2).await?;
/// assert_eq!((second.rows[0].id, second.next), (3, None));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    fingerprint: u64,
    values: Vec<Value>,
}

impl Cursor {
    /// What tells one query's cursors from another's: its model, filter and order.
    pub(super) fn fingerprint(model: &str, query: &RowQuery) -> u64 {
        let text = format!("{model} {:?} {:?}", query.filter, query.order);
        // FNV-1a: stable across versions and machines, which the standard library's hasher does not promise.
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    pub(super) fn at(fingerprint: u64, query: &RowQuery, row: &Row) -> Self {
        let ordered = query.order.iter().map(|order| order.column);
        let values = ordered.chain([0]).map(|column| row.columns.get(column).cloned().unwrap_or(Value::Null)).collect();
        Self { fingerprint, values }
    }

    pub(super) fn values_for(&self, fingerprint: u64, count: usize) -> Result<Vec<Value>, QueryError> {
        if self.fingerprint != fingerprint || self.values.len() != count {
            return Err(QueryError::Cursor("another model, filter or order made it".into()));
        }
        Ok(self.values.clone())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(&(self.fingerprint, &self.values)).map_err(|_| fmt::Error)?;
        json.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let invalid = |cause: &dyn fmt::Display| QueryError::Cursor(cause.to_string());
        let bytes: Vec<u8> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                let digits = std::str::from_utf8(pair).map_err(|error| invalid(&error))?;
                u8::from_str_radix(digits, 16).map_err(|error| invalid(&error))
            })
            .collect::<Result<_, _>>()?;
        let (fingerprint, values) = serde_json::from_slice(&bytes).map_err(|error| invalid(&error))?;
        Ok(Self { fingerprint, values })
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        write!(text, "{self}").map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
