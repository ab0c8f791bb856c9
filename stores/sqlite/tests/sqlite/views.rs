//! Read models: tables, rows and checkpoints.

use chrono::{DateTime, NaiveDate, Utc};
use cqrs_core::{
    ColumnSchema, ColumnType, EventStore as _, Position, ReadModelStore as _, Schema, StoreError, Value,
    store::{Comparison, InvalidInput, Predicate, ProjectionBatch, Row, RowChange, RowQuery},
};
use uuid::Uuid;

use crate::support::Place;

const fn column(name: &'static str, column_type: ColumnType, nullable: bool) -> ColumnSchema {
    ColumnSchema { name, column_type, nullable }
}

/// Names that SQL would trip over, and those of the store's own tables and columns.
static EVENTS: Schema = Schema {
    name: "events\"; DROP TABLE checkpoints; --",
    columns: &[
        column("select", ColumnType::Uuid, false),
        column("body", ColumnType::Text, true),
        column("a\"b'c", ColumnType::Timestamp, false),
        column("position", ColumnType::Date, false),
        column("flag", ColumnType::Bool, false),
        column("share", ColumnType::Float, false),
    ],
    shape: u64::MAX,
};

fn row(key: u128, text: Option<&str>) -> Row {
    let columns = vec![
        Value::Uuid(Uuid::from_u128(key)),
        text.map_or(Value::Null, |text| Value::Text(text.to_owned())),
        Value::Timestamp(DateTime::<Utc>::from_timestamp(-1, 999_999_000).unwrap()),
        Value::Date(NaiveDate::MIN),
        Value::Bool(true),
        Value::Float(f64::NEG_INFINITY),
    ];
    Row { columns, body: format!("{{\"key\":{key},\"nul\":\"\0\"}}").into_bytes() }
}

fn key(key: u128) -> Value {
    Value::Uuid(Uuid::from_u128(key))
}

fn batch(expected: u64, checkpoint: u64, changes: Vec<RowChange>) -> ProjectionBatch {
    let (expected, checkpoint) = (Position(expected), Position(checkpoint));
    ProjectionBatch { schema: &EVENTS, expected, checkpoint, changes }
}

fn failure(error: StoreError) -> String {
    let StoreError::Failed { message, .. } = error else { panic!("{error:?}") };
    message
}

#[tokio::test]
async fn rows_and_checkpoint_are_written_together_and_survive_reopening() {
    let place = Place::new();
    let store = place.open().await;
    assert_eq!(store.prepare(&EVENTS).await.unwrap(), Position::START);
    let changes = vec![RowChange::Put(row(1, Some("it's \"\0\""))), RowChange::Put(row(2, None))];
    store.commit(batch(0, 7, changes)).await.unwrap();
    drop(store);

    let store = place.open().await;
    assert_eq!(store.prepare(&EVENTS).await.unwrap(), Position(7));
    assert_eq!(store.checkpoint(EVENTS.name).await.unwrap(), Position(7));
    assert_eq!(store.checkpoint("another").await.unwrap(), Position::START);
    let rows = store.load(&EVENTS, &[key(2), key(3), key(1), key(2)]).await.unwrap();
    assert_eq!(rows, [Some(row(2, None)), None, Some(row(1, Some("it's \"\0\""))), Some(row(2, None))]);

    let changes = vec![RowChange::Put(row(1, None)), RowChange::Delete(key(2)), RowChange::Delete(key(9))];
    store.commit(batch(7, 8, changes)).await.unwrap();
    assert_eq!(store.select(&EVENTS, &RowQuery::default()).await.unwrap(), [row(1, None)]);
    assert_eq!(store.head().await.unwrap(), Position::START);
}

/// Written again, a row is found by the columns it has now, whether they changed or its body only.
#[tokio::test]
async fn a_row_written_again_is_found_by_what_it_holds_now() {
    let place = Place::new();
    let store = place.open().await;
    store.prepare(&EVENTS).await.unwrap();
    let put = |text, body: &[u8]| RowChange::Put(Row { body: body.to_vec(), ..row(1, text) });
    let histories =
        [(None, None), (None, Some("a")), (Some("a"), Some("a")), (Some("a"), Some("b")), (Some("b"), None)];
    for (from, (before, after)) in (0..).zip(histories) {
        let changes = vec![put(before, b"1"), put(after, b"2")];
        store.commit(batch(from, from + 1, changes)).await.unwrap();
        for text in [None, Some("a"), Some("b")] {
            let column = text.map_or(Value::Null, |text| Value::Text(text.into()));
            let query = RowQuery {
                filter: vec![Predicate { column: 1, comparison: Comparison::Eq(column) }],
                ..RowQuery::default()
            };
            let found = store.select(&EVENTS, &query).await.unwrap();
            let is = (text == after).then(|| Row { body: b"2".to_vec(), ..row(1, text) });
            assert_eq!(found, Vec::from_iter(is), "{text:?} after {after:?}");
        }
    }
}

#[tokio::test]
async fn of_two_batches_from_one_checkpoint_one_is_written() {
    let place = Place::new();
    let (ours, theirs) = (place.open().await, place.open().await);
    ours.prepare(&EVENTS).await.unwrap();
    theirs.prepare(&EVENTS).await.unwrap();
    let (first, second) = tokio::join!(
        ours.commit(batch(0, 5, vec![RowChange::Put(row(1, Some("ours")))])),
        theirs.commit(batch(0, 6, vec![RowChange::Put(row(2, Some("theirs")))])),
    );
    let winner = match (first, second) {
        (Ok(()), Err(StoreError::CheckpointMoved { expected: Position::START, actual: Position(5), projection })) => {
            assert_eq!(projection, EVENTS.name);
            row(1, Some("ours"))
        }
        (Err(StoreError::CheckpointMoved { actual: Position(6), .. }), Ok(())) => row(2, Some("theirs")),
        other => panic!("{other:?}"),
    };
    assert_eq!(ours.select(&EVENTS, &RowQuery::default()).await.unwrap(), [winner]);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing() {
    let place = Place::new();
    let store = place.open().await;
    store.prepare(&EVENTS).await.unwrap();
    let mut nan = row(2, None);
    nan.columns[5] = Value::Float(f64::NAN);
    let mut null = row(2, None);
    null.columns[4] = Value::Null;
    let mut short = row(2, None);
    short.columns.pop();
    for (bad, cause) in [(nan, "NaN"), (null, "NOT NULL"), (short, "5 columns instead of 6")] {
        let changes = vec![RowChange::Put(row(1, None)), RowChange::Put(bad)];
        let message = failure(store.commit(batch(0, 1, changes)).await.unwrap_err());
        assert!(message.contains(cause), "{message}");
    }
    assert_eq!(store.count(&EVENTS, &RowQuery::default()).await.unwrap(), 0);
    store.commit(batch(0, 1, vec![RowChange::Put(row(1, None))])).await.unwrap();
}

#[tokio::test]
async fn another_shape_or_no_table_is_said_so() {
    static RESHAPED: Schema = Schema { shape: 1, ..EVENTS };
    static NUL: Schema = Schema { name: "a\0b", ..EVENTS };
    static NULL_KEY: Schema = Schema { name: "optional", columns: &[column("key", ColumnType::Int, true)], shape: 1 };
    let place = Place::new();
    let store = place.open().await;
    let missing = [
        store.load(&EVENTS, &[key(1)]).await.unwrap_err(),
        store.select(&EVENTS, &RowQuery::default()).await.unwrap_err(),
        store.commit(batch(0, 1, Vec::new())).await.unwrap_err(),
    ];
    for error in missing {
        assert!(failure(error).contains("was not prepared"));
    }
    store.prepare(&EVENTS).await.unwrap();
    assert!(failure(store.prepare(&RESHAPED).await.unwrap_err()).contains("another shape: drop the table"));
    assert!(failure(store.prepare(&NULL_KEY).await.unwrap_err()).contains("must always be there"));
    let nul = store.prepare(&NUL).await.unwrap_err();
    assert!(matches!(nul, StoreError::Invalid(InvalidInput::Nul { .. })), "{nul:?}");
}

#[tokio::test]
async fn impossible_queries_are_refused() {
    let place = Place::new();
    let store = place.open().await;
    store.prepare(&EVENTS).await.unwrap();
    let query = |column, comparison| RowQuery { filter: vec![Predicate { column, comparison }], ..RowQuery::default() };
    let error = store.select(&EVENTS, &query(6, Comparison::Eq(Value::Null))).await.unwrap_err();
    assert!(failure(error).contains("has 6 columns"));
    let place = RowQuery { after: Some(vec![key(1), key(1)]), ..RowQuery::default() };
    assert!(failure(store.select(&EVENTS, &place).await.unwrap_err()).contains("has 1 values, not 2"));
    let many = query(0, Comparison::In((0..40_000).map(key).collect()));
    let error = store.count(&EVENTS, &many).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(InvalidInput::TooMany { count: 40_000, .. })), "{error:?}");
}

#[tokio::test]
async fn indexes_are_used() {
    let place = Place::new();
    place.open().await.prepare(&EVENTS).await.unwrap();
    let plan: String = place
        .raw()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT body$ FROM \"view_events\"\"; DROP TABLE checkpoints; --\" \
             WHERE body IS ? ORDER BY body, \"select\"",
            [""],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.starts_with("SEARCH") && plan.contains(".body"), "{plan}");
}
