//! Filters, orders and cursors against a naive evaluation of the contract.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate};
use cqrs_core::{
    ColumnSchema, ColumnType, Position, ReadModelStore as _, Schema, Value,
    store::{Comparison, Direction, Order, Predicate, ProjectionBatch, Row, RowChange, RowQuery},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use uuid::Uuid;

use crate::support::Place;

const TYPES: [ColumnType; 8] = [
    ColumnType::Text,
    ColumnType::Bool,
    ColumnType::Int,
    ColumnType::Float,
    ColumnType::Text,
    ColumnType::Uuid,
    ColumnType::Timestamp,
    ColumnType::Date,
];

const fn column(name: &'static str, column_type: ColumnType, nullable: bool) -> ColumnSchema {
    ColumnSchema { name, column_type, nullable }
}

static SCHEMA: Schema = Schema {
    name: "things",
    columns: &[
        column("key", TYPES[0], false),
        column("bool", TYPES[1], true),
        column("int", TYPES[2], false),
        column("float", TYPES[3], true),
        column("text", TYPES[4], true),
        column("uuid", TYPES[5], true),
        column("timestamp", TYPES[6], true),
        column("date", TYPES[7], true),
    ],
    shape: 1,
};

/// Few values a type, so that many rows tie.
fn of_type(column_type: ColumnType, nullable: bool) -> BoxedStrategy<Value> {
    let days = |days| NaiveDate::default() + chrono::TimeDelta::days(days);
    let some = match column_type {
        ColumnType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        ColumnType::Int => prop::sample::select(vec![i64::MIN, -1, 0, 1, i64::MAX]).prop_map(Value::Int).boxed(),
        ColumnType::Float => {
            prop::sample::select(vec![f64::NEG_INFINITY, -1.5, -0.0, 0.0, 1.0, 1e300]).prop_map(Value::Float).boxed()
        }
        ColumnType::Text => prop::sample::select(vec!["", "a", "B", "a\0", "a'\"", "ä", "𝄞", "\u{ffff}"])
            .prop_map(|text| Value::Text(text.into()))
            .boxed(),
        ColumnType::Uuid => prop::sample::select(vec![0, 1, 1 << 120, u128::MAX])
            .prop_map(|id| Value::Uuid(Uuid::from_u128(id)))
            .boxed(),
        ColumnType::Timestamp => prop::sample::select(vec![i64::from(i32::MIN), -1, 0, 1])
            .prop_map(|micros| Value::Timestamp(DateTime::from_timestamp_micros(micros).unwrap()))
            .boxed(),
        _ => prop::sample::select(vec![-800_000, -1, 0, 20_000]).prop_map(move |n| Value::Date(days(n))).boxed(),
    };
    if nullable { prop_oneof![1 => Just(Value::Null), 3 => some].boxed() } else { some }
}

fn column_value(place: usize) -> BoxedStrategy<Value> {
    of_type(SCHEMA.columns[place].column_type, SCHEMA.columns[place].nullable)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let columns: Vec<_> = (1..TYPES.len()).map(column_value).collect();
    prop::collection::btree_map("[a-c'\u{e9}]{1,2}", columns, 0..20).prop_map(|rows| {
        let row = |(key, mut columns): (String, Vec<Value>)| {
            let body = format!("{{\"key\":{key:?}}}").into_bytes();
            columns.insert(0, Value::Text(key));
            Row { columns, body }
        };
        rows.into_iter().map(row).collect()
    })
}

fn predicate() -> impl Strategy<Value = Predicate> {
    (0..TYPES.len()).prop_flat_map(|column| {
        // Any column may be compared with `Null`.
        let value = || of_type(TYPES[column], true);
        let comparison = prop_oneof![
            value().prop_map(Comparison::Eq),
            value().prop_map(Comparison::Ne),
            value().prop_map(Comparison::Lt),
            value().prop_map(Comparison::Le),
            value().prop_map(Comparison::Gt),
            value().prop_map(Comparison::Ge),
            prop::collection::vec(value(), 0..4).prop_map(Comparison::In),
        ];
        comparison.prop_map(move |comparison| Predicate { column, comparison })
    })
}

fn query() -> impl Strategy<Value = RowQuery> {
    let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
    let order = (0..TYPES.len(), direction).prop_map(|(column, direction)| Order { column, direction });
    let filter = prop::collection::vec(predicate(), 0..3);
    (filter, prop::collection::vec(order, 0..4), prop::option::of(0..25_u64), 0..4_u64).prop_flat_map(
        |(filter, order, limit, offset)| {
            // A place need not be that of a row.
            let place: Vec<_> = order.iter().map(|order| column_value(order.column)).chain([column_value(0)]).collect();
            prop::option::of(place).prop_map(move |after| RowQuery {
                filter: filter.clone(),
                order: order.clone(),
                after,
                limit,
                offset,
            })
        },
    )
}

fn compare(left: &Value, right: &Value) -> Ordering {
    left.partial_cmp(right).unwrap()
}

fn holds(predicate: &Predicate, row: &Row) -> bool {
    let value = &row.columns[predicate.column];
    let some = *value != Value::Null;
    match &predicate.comparison {
        Comparison::Eq(other) => value == other,
        Comparison::Ne(other) => value != other,
        Comparison::Lt(other) => some && compare(value, other).is_lt(),
        Comparison::Le(other) => some && compare(value, other).is_le(),
        Comparison::Gt(other) => some && compare(value, other).is_gt(),
        Comparison::Ge(other) => some && compare(value, other).is_ge(),
        Comparison::In(others) => others.contains(value),
    }
}

/// The values of the order's columns, then the key.
fn place_of(query: &RowQuery, row: &Row) -> Vec<Value> {
    query.order.iter().map(|order| order.column).chain([0]).map(|column| row.columns[column].clone()).collect()
}

fn compare_places(query: &RowQuery, left: &[Value], right: &[Value]) -> Ordering {
    let directions = query.order.iter().map(|order| order.direction).chain([Direction::Ascending]);
    directions
        .zip(left.iter().zip(right))
        .map(|(direction, (left, right))| match direction {
            Direction::Ascending => compare(left, right),
            Direction::Descending => compare(right, left),
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The rows chosen, without limit and offset.
fn chosen(query: &RowQuery, rows: &[Row]) -> Vec<Row> {
    let behind = |row: &&Row| {
        query.after.as_ref().is_none_or(|after| compare_places(query, &place_of(query, row), after).is_gt())
    };
    let mut chosen: Vec<Row> = rows
        .iter()
        .filter(|row| query.filter.iter().all(|predicate| holds(predicate, row)))
        .filter(behind)
        .cloned()
        .collect();
    chosen.sort_by(|left, right| compare_places(query, &place_of(query, left), &place_of(query, right)));
    chosen
}

fn window(query: &RowQuery, rows: Vec<Row>) -> Vec<Row> {
    let number = |number| usize::try_from(number).unwrap();
    let limit = query.limit.map_or(usize::MAX, number);
    rows.into_iter().skip(number(query.offset)).take(limit).collect()
}

#[test]
fn rows_are_chosen_ordered_and_cut_as_the_contract_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let place = Place::new();
    let store = runtime.block_on(place.open());
    runtime.block_on(store.prepare(&SCHEMA)).unwrap();
    let check = async |rows: Vec<Row>, queries: Vec<RowQuery>| {
        let present = store.select(&SCHEMA, &RowQuery::default()).await.unwrap();
        let deletes = present.into_iter().map(|row| row.columns[0].clone());
        let deletes = deletes.filter(|key| rows.iter().all(|row| row.columns[0] != *key)).map(RowChange::Delete);
        let changes = deletes.chain(rows.iter().cloned().map(RowChange::Put)).collect();
        let (expected, checkpoint) = (Position::START, Position::START);
        store.commit(ProjectionBatch { schema: &SCHEMA, expected, checkpoint, changes }).await.unwrap();
        for query in queries {
            let expected = chosen(&query, &rows);
            prop_assert_eq!(store.count(&SCHEMA, &query).await.unwrap(), expected.len() as u64);
            prop_assert_eq!(store.select(&SCHEMA, &query).await.unwrap(), window(&query, expected));
            // Row by row, each from the place of the one before, it is the same.
            let mut step = RowQuery { after: None, limit: Some(1), offset: 0, ..query };
            for row in chosen(&step, &rows) {
                prop_assert_eq!(&store.select(&SCHEMA, &step).await.unwrap(), std::slice::from_ref(&row), "{:?}", step);
                step.after = Some(place_of(&step, &row));
            }
            prop_assert_eq!(store.select(&SCHEMA, &step).await.unwrap(), []);
        }
        Ok::<(), TestCaseError>(())
    };
    let config = Config { cases: 192, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(rows(), prop::collection::vec(query(), 4)), |(rows, queries)| runtime.block_on(check(rows, queries)))
        .unwrap();
}
