//! The order of column values, and of rows.

use std::cmp::Ordering;

use crate::{
    read_model::Value,
    store::{Comparison, Direction, Predicate, Row, RowQuery},
};

/// A row's key, ordered as [`compare`] orders.
pub(super) struct Key(pub(super) Value);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

/// The order that a database gives a column: `Null` first, both zeros equal, moments by their microsecond, and no number
/// without a place. Values of different types, which no column holds together, are ordered by type.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right).unwrap_or_else(|| left.total_cmp(right)),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Uuid(left), Value::Uuid(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.timestamp_micros().cmp(&right.timestamp_micros()),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Float(_) => 3,
        Value::Text(_) => 4,
        Value::Uuid(_) => 5,
        Value::Timestamp(_) => 6,
        Value::Date(_) => 7,
    }
}

/// Whether a row is one that the predicate chooses.
pub(super) fn holds(predicate: &Predicate, row: &Row) -> bool {
    let value = &row.columns[predicate.column];
    // The comparisons that are never true of `Null`.
    let ordered = |other: &Value| (!matches!(value, Value::Null)).then(|| compare(value, other));
    match &predicate.comparison {
        Comparison::Eq(other) => compare(value, other).is_eq(),
        Comparison::Ne(other) => compare(value, other).is_ne(),
        Comparison::Lt(other) => ordered(other).is_some_and(Ordering::is_lt),
        Comparison::Le(other) => ordered(other).is_some_and(Ordering::is_le),
        Comparison::Gt(other) => ordered(other).is_some_and(Ordering::is_gt),
        Comparison::Ge(other) => ordered(other).is_some_and(Ordering::is_ge),
        Comparison::In(others) => others.iter().any(|other| compare(value, other).is_eq()),
    }
}

/// Where a row stands to a place in the query's order: the values of the `order` columns, then the key.
pub(super) fn compare_to_place<'a>(
    query: &RowQuery,
    row: &Row,
    mut place: impl Iterator<Item = &'a Value>,
) -> Ordering {
    let directed = query.order.iter().map(|order| (order.column, order.direction));
    directed
        .chain([(0, Direction::Ascending)])
        .filter_map(|(column, direction)| {
            let ordering = compare(&row.columns[column], place.next()?);
            Some(if direction == Direction::Descending { ordering.reverse() } else { ordering })
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// How two rows stand in the query's order.
pub(super) fn compare_rows(query: &RowQuery, left: &Row, right: &Row) -> Ordering {
    let columns = query.order.iter().map(|order| order.column).chain([0]);
    compare_to_place(query, left, columns.map(|column| &right.columns[column]))
}
