//! Read models: tables, rows and checkpoints.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use cqrs_core::{
    ColumnSchema, ColumnType, Position, ReadModelStore, Schema, StoreError, Value,
    store::{Comparison, Predicate, ProjectionBatch, Row, RowChange, RowQuery},
};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::support::{Place, raw};

mod queries;
mod tables;

const fn column(name: &'static str, column_type: ColumnType, nullable: bool) -> ColumnSchema {
    ColumnSchema { name, column_type, nullable }
}

/// Names that SQL would trip over, and those of the store's own tables and columns.
static EVENTS: Schema = Schema {
    name: "events\"; DROP TABLE checkpoints; --",
    columns: &[
        column("select", ColumnType::Uuid, false),
        column("xmin", ColumnType::Text, true),
        column("a\"b'c", ColumnType::Timestamp, false),
        column("position", ColumnType::Date, false),
        column("flag", ColumnType::Bool, false),
        column("share", ColumnType::Float, false),
    ],
    shape: u64::MAX,
};

static USERS: Schema = Schema {
    name: "users",
    columns: &[
        column("id", ColumnType::Int, false),
        column("email", ColumnType::Text, false),
        column("seen", ColumnType::Timestamp, true),
    ],
    shape: 1,
};

fn row(key: u128, text: Option<&str>) -> Row {
    let columns = vec![
        Value::Uuid(Uuid::from_u128(key)),
        text.map_or(Value::Null, |text| Value::Text(text.to_owned())),
        Value::Timestamp(DateTime::<Utc>::from_timestamp(-1, 999_999_000).unwrap()),
        Value::Date(NaiveDate::from_ymd_opt(-4000, 2, 28).unwrap()),
        Value::Bool(true),
        Value::Float(f64::NEG_INFINITY),
    ];
    Row { columns, body: format!("{{\"z\": {key}, \"a\":1e400,\"nul\":\"\\u0000\"}}").into_bytes() }
}

fn user(id: i64, email: &str) -> Row {
    Row { columns: vec![Value::Int(id), Value::Text(email.into()), Value::Null], body: format!("[{id}]").into_bytes() }
}

fn key(key: u128) -> Value {
    Value::Uuid(Uuid::from_u128(key))
}

fn batch(expected: u64, checkpoint: u64, changes: Vec<RowChange>) -> ProjectionBatch {
    let (expected, checkpoint) = (Position(expected), Position(checkpoint));
    ProjectionBatch { schema: &EVENTS, expected, checkpoint, changes }
}

fn users(expected: u64, checkpoint: u64, changes: Vec<RowChange>) -> ProjectionBatch {
    ProjectionBatch { schema: &USERS, ..batch(expected, checkpoint, changes) }
}

fn only(column: usize, comparison: Comparison) -> RowQuery {
    RowQuery { filter: vec![Predicate { column, comparison }], ..RowQuery::default() }
}

fn failure(error: StoreError) -> String {
    let StoreError::Failed { message, .. } = error else { panic!("{error:?}") };
    message
}

#[tokio::test]
async fn rows_and_checkpoint_are_written_together_and_survive_reopening() {
    let place = Place::new();
    let store = place.store().await;
    assert_eq!(store.prepare(&EVENTS).await.unwrap(), Position::START);
    let text = Some("it's \"\0\"\u{1}\u{2}");
    let changes = vec![RowChange::Put(row(1, text)), RowChange::Put(row(2, None))];
    store.commit(batch(0, 7, changes)).await.unwrap();
    drop(store);

    let store = place.store().await;
    assert_eq!(store.prepare(&EVENTS).await.unwrap(), Position(7));
    assert_eq!(store.checkpoint(EVENTS.name).await.unwrap(), Position(7));
    assert_eq!(store.checkpoint("another").await.unwrap(), Position::START);
    assert_eq!(store.checkpoint("with \0").await.unwrap(), Position::START);
    let rows = store.load(&EVENTS, &[key(2), key(3), key(1), key(2)]).await.unwrap();
    assert_eq!(rows, [Some(row(2, None)), None, Some(row(1, text)), Some(row(2, None))]);

    let changes = vec![RowChange::Put(row(1, None)), RowChange::Delete(key(2)), RowChange::Delete(key(9))];
    store.commit(batch(7, 8, changes)).await.unwrap();
    assert_eq!(store.select(&EVENTS, &RowQuery::default()).await.unwrap(), [row(1, None)]);
}

/// Behind a pooler of transactions nothing is prepared on a connection.
#[tokio::test]
async fn nothing_needs_a_session() {
    let place = Place::new();
    let store = place.builder().transaction_pooling(true).open().await.unwrap();
    store.prepare(&EVENTS).await.unwrap();
    store.commit(batch(0, 1, vec![RowChange::Put(row(1, Some("\0")))])).await.unwrap();
    assert_eq!(store.load(&EVENTS, &[key(1)]).await.unwrap(), [Some(row(1, Some("\0")))]);
    let query = only(1, Comparison::In(vec![Value::Null, Value::Text("\0".into())]));
    assert_eq!(store.count(&EVENTS, &query).await.unwrap(), 1);
}

/// Written again, a row is found by the columns it has now, whether they changed or its body only.
#[tokio::test]
async fn a_row_written_again_is_found_by_what_it_holds_now() {
    let place = Place::new();
    let store = place.store().await;
    store.prepare(&EVENTS).await.unwrap();
    let put = |text, body: &[u8]| RowChange::Put(Row { body: body.to_vec(), ..row(1, text) });
    let histories =
        [(None, None), (None, Some("a")), (Some("a"), Some("a")), (Some("a"), Some("b")), (Some("b"), None)];
    for (from, (before, after)) in (0..).step_by(2).zip(histories) {
        store.commit(batch(from, from + 1, vec![put(before, b"1")])).await.unwrap();
        store.commit(batch(from + 1, from + 2, vec![put(after, b"2")])).await.unwrap();
        for text in [None, Some("a"), Some("b")] {
            let column = text.map_or(Value::Null, |text| Value::Text(text.into()));
            let found = store.select(&EVENTS, &only(1, Comparison::Eq(column))).await.unwrap();
            let is = (text == after).then(|| Row { body: b"2".to_vec(), ..row(1, text) });
            assert_eq!(found, Vec::from_iter(is), "{text:?} after {after:?}");
        }
    }
}

/// Held at a barrier, so that both are under way at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_runners_from_one_checkpoint_one_writes() {
    let place = Place::new();
    let (ours, theirs) = (place.store().await, place.store().await);
    ours.prepare(&USERS).await.unwrap();
    for step in 0..30 {
        let barrier = Arc::new(Barrier::new(2));
        let racers = [(ours.clone(), 1, "ours"), (theirs.clone(), 2, "theirs")].map(|(store, id, email)| {
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                let gone = RowChange::Delete(Value::Int(3 - id));
                barrier.wait().await;
                store.commit(users(step, step + 1, vec![RowChange::Put(user(id, email)), gone])).await
            })
        });
        let [first, second] = racers;
        let winner = match (first.await.unwrap(), second.await.unwrap()) {
            (Ok(()), Err(StoreError::CheckpointMoved { expected, actual, projection })) => {
                assert_eq!((&*projection, expected, actual), ("users", Position(step), Position(step + 1)));
                user(1, "ours")
            }
            (Err(StoreError::CheckpointMoved { actual, .. }), Ok(())) if actual.0 == step + 1 => user(2, "theirs"),
            other => panic!("{other:?}"),
        };
        assert_eq!(ours.select(&USERS, &RowQuery::default()).await.unwrap(), [winner]);
    }
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing_and_says_whose_it_was() {
    let place = Place::new();
    let store = place.store().await;
    store.prepare(&EVENTS).await.unwrap();
    let with = |place: usize, value| {
        let mut bad = row(2, None);
        bad.columns[place] = value;
        bad
    };
    let mut short = row(2, None);
    short.columns.pop();
    for (bad, cause) in [
        (with(5, Value::Float(f64::NAN)), "NaN"),
        (with(4, Value::Null), "NOT NULL"),
        (with(3, Value::Date(NaiveDate::MIN)), "before 4713-11-24 BC"),
        (with(4, Value::Int(1)), "cannot hold 1"),
        (short, "5 columns instead of 6"),
        (Row { body: b"{".to_vec(), ..row(2, None) }, "json"),
    ] {
        let changes = vec![RowChange::Put(row(1, None)), RowChange::Put(bad)];
        let message = failure(store.commit(batch(0, 1, changes)).await.unwrap_err());
        assert!(message.contains(cause) && message.contains(EVENTS.name), "{message}");
    }
    assert_eq!(store.count(&EVENTS, &RowQuery::default()).await.unwrap(), 0);
    store.commit(batch(0, 1, vec![RowChange::Put(row(1, None))])).await.unwrap();
}

/// The server has committed, and nobody hears of it.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_of_unknown_outcome() {
    let place = Place::new();
    let (proxy, builder) = place.behind_a_proxy();
    let store = builder.open().await.unwrap();
    store.prepare(&USERS).await.unwrap();
    // What is prepared once a connection is so by now.
    store.commit(users(0, 1, Vec::new())).await.unwrap();
    proxy.cut_next_answer();
    let lost = store.commit(users(1, 2, vec![RowChange::Put(user(1, "a"))])).await.unwrap_err();
    assert!(matches!(lost, StoreError::Unknown { .. }), "{lost:?}");
    assert_eq!(store.checkpoint("users").await.unwrap(), Position(2));
    assert_eq!(store.select(&USERS, &RowQuery::default()).await.unwrap(), [user(1, "a")]);
}

/// A row whose indexed fields stay as they are is written without a touch of an index.
#[tokio::test]
async fn an_unchanged_index_is_not_written() {
    let place = Place::new();
    let store = place.store().await;
    store.prepare(&USERS).await.unwrap();
    for step in 0..20 {
        let row = Row { body: step.to_string().into_bytes(), ..user(1, "a") };
        store.commit(users(step, step + 1, vec![RowChange::Put(row)])).await.unwrap();
    }
    drop(store);
    let raw = raw(&place).await;
    let statistics = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_all_tables WHERE relname = 'view_users' AND schemaname = current_schema";
    // Sessions hand in what they counted when they end.
    let (updated, hot) = loop {
        let row = raw.query_one(statistics, &[]).await.unwrap();
        if let (19.., hot) = (row.get::<_, i64>(0), row.get::<_, i64>(1)) {
            break (19, hot);
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(hot, updated);
}
