//! Read models: tables, rows and checkpoints.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use cqrs_core::{
    ColumnSchema, ColumnType, Position, ReadModelStore, Schema, StoreError, Value,
    store::{Comparison, Direction, InvalidInput, Order, Predicate, ProjectionBatch, Row, RowChange, RowQuery},
};
use cqrs_postgres::PostgresStore;
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::support::{Place, raw, run};

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

#[tokio::test]
async fn another_shape_or_no_table_is_said_so() {
    static RESHAPED: Schema = Schema { shape: 1, ..EVENTS };
    static NUL: Schema = Schema { name: "a\0b", ..EVENTS };
    static NULL_KEY: Schema = Schema { name: "optional", columns: &[column("key", ColumnType::Int, true)], shape: 1 };
    let place = Place::new();
    let store = place.store().await;
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
    let late = ProjectionBatch { schema: &RESHAPED, ..batch(0, 1, Vec::new()) };
    assert!(failure(store.commit(late).await.unwrap_err()).contains("another shape: drop the table"));
    assert!(failure(store.prepare(&NULL_KEY).await.unwrap_err()).contains("must always be there"));
    let nul = store.prepare(&NUL).await.unwrap_err();
    assert!(matches!(nul, StoreError::Invalid(InvalidInput::Nul { .. })), "{nul:?}");
}

/// The server would cut long names and so take two tables for one.
#[tokio::test]
async fn names_that_the_server_would_cut_are_refused_and_others_kept_apart() {
    const LONG: &str = "a_column_with_a_name_that_is_just_as_long_as_the_server_allows_";
    static WIDE: Schema = Schema {
        name: "a_view_with_a_name_that_is_as_long_as_the_server_allows_it",
        columns: &[
            column("id", ColumnType::Int, false),
            column(LONG, ColumnType::Int, false),
            column("ä", ColumnType::Int, false),
        ],
        shape: 1,
    };
    static TWIN: Schema = Schema { name: "a_view_with_a_name_that_is_as_long_as_the_server_allows__!", ..WIDE };
    static LONG_TABLE: Schema = Schema { name: "a_view_with_a_name_that_is_longer_than_the_server_allows_it_", ..WIDE };
    static LONG_COLUMN: Schema = Schema {
        name: "long",
        columns: &[column("ä_column_with_a_name_that_is_longer_than_what_the_server_allows_", ColumnType::Int, false)],
        shape: 1,
    };
    assert_eq!((WIDE.name.len(), LONG.len()), (58, 63));
    let place = Place::new();
    let store = place.store().await;
    for schema in [&WIDE, &TWIN] {
        store.prepare(schema).await.unwrap();
        let row = Row { columns: vec![Value::Int(1); 3], body: b"1".to_vec() };
        let changes = vec![RowChange::Put(row.clone())];
        store.commit(ProjectionBatch { schema, ..batch(0, 1, changes) }).await.unwrap();
        assert_eq!(store.select(schema, &only(1, Comparison::Eq(Value::Int(1)))).await.unwrap(), [row]);
        assert_eq!(store.prepare(schema).await.unwrap(), Position(1));
    }
    let count = "SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema AND tablename LIKE 'view_%'";
    assert_eq!(raw(&place).await.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 6);
    for schema in [&LONG_TABLE, &LONG_COLUMN] {
        let error = store.prepare(schema).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(InvalidInput::TooLong { limit: 63, .. })), "{error:?}");
    }
    // The names of a log are part of its tables' names.
    let named = place.builder().log("orders").open().await.unwrap();
    let error = named.prepare(&WIDE).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(InvalidInput::TooLong { bytes: 70, .. })), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_that_start_at_once_one_makes_the_table() {
    let place = Place::new();
    for schema in [&EVENTS, &USERS] {
        let barrier = Arc::new(Barrier::new(10));
        let mut starting = Vec::new();
        for _ in 0..10 {
            let (store, barrier) = (place.store().await, Arc::clone(&barrier));
            starting.push(tokio::spawn(async move {
                barrier.wait().await;
                store.prepare(schema).await
            }));
        }
        for started in starting {
            assert_eq!(started.await.unwrap().unwrap(), Position::START);
        }
    }
}

#[tokio::test]
async fn logs_of_one_schema_have_tables_of_their_own() {
    let place = Place::new();
    let orders = place.builder().log("orders").open().await.unwrap();
    let main = place.store().await;
    for store in [&orders, &main] {
        assert_eq!(store.prepare(&USERS).await.unwrap(), Position::START);
        store.commit(users(0, 3, vec![RowChange::Put(user(1, "a"))])).await.unwrap();
    }
    orders.commit(users(3, 4, vec![RowChange::Delete(Value::Int(1))])).await.unwrap();
    assert_eq!(main.select(&USERS, &RowQuery::default()).await.unwrap(), [user(1, "a")]);
}

/// The address for another role.
fn url_of(place: &Place, role: &str) -> String {
    let separator = if place.url().contains('?') { '&' } else { '?' };
    format!("{}{separator}user={role}&password={role}", place.url())
}

/// A table that was made by other tools is taken as it is, and a role that may not make tables can work on it.
#[tokio::test]
async fn a_role_that_makes_no_tables_works_on_those_there_are() {
    let place = Place::new();
    place.store().await;
    let schema = place.schema();
    let role = format!("reader_{}", Uuid::new_v4().simple());
    run(
        &place,
        &format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{role}'; GRANT USAGE ON SCHEMA {schema} TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
        ),
    )
    .await;
    let store = PostgresStore::builder(url_of(&place, &role)).schema(schema).open().await.unwrap();
    let error = store.prepare(&USERS).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unwritable { message, .. } if message.contains("lacks a right")), "{error:?}");

    let made = place.builder().table_sql(&USERS).unwrap();
    let grant = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON view_users TO {role}");
    run(&place, &format!("{made}{grant}")).await;
    for position in [Position::START, Position(1)] {
        assert_eq!(store.prepare(&USERS).await.unwrap(), position);
        let next = users(position.0, position.0 + 1, vec![RowChange::Put(user(1, "a"))]);
        store.commit(next).await.unwrap();
    }
    assert_eq!(store.load(&USERS, &[Value::Int(1)]).await.unwrap(), [Some(user(1, "a"))]);
    run(&place, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_table_changed_by_hand_is_noticed_and_the_cure_works() {
    let place = Place::new();
    let store = place.store().await;
    let table = format!("\"{}\".\"view_users\"", place.schema());
    for (change, said) in [
        ("DROP TABLE view_users", "is gone"),
        ("ALTER TABLE view_users DROP COLUMN email", "its column `email`"),
        ("ALTER TABLE view_users ALTER email DROP NOT NULL", "its column `email`"),
        ("ALTER TABLE view_users ALTER email TYPE text COLLATE \"default\"", "its column `email`"),
        ("ALTER TABLE view_users ALTER seen TYPE timestamp", "its column `seen`"),
        ("ALTER TABLE view_users ALTER body$ TYPE jsonb", "its column `body$`"),
        ("DELETE FROM checkpoints", "holds rows"),
    ] {
        assert_eq!(store.prepare(&USERS).await.unwrap(), Position::START, "{change}");
        store.commit(users(0, 5, vec![RowChange::Put(user(1, "a"))])).await.unwrap();
        run(&place, change).await;
        let message = failure(store.prepare(&USERS).await.unwrap_err());
        assert!(message.contains(said) && message.contains(&format!("drop the table `{table}`")), "{message}");
        run(&place, "DROP TABLE IF EXISTS view_users; DELETE FROM checkpoints").await;
    }
    // What does no harm is left alone.
    store.prepare(&USERS).await.unwrap();
    run(&place, "ALTER TABLE view_users ADD note text; CREATE INDEX ON view_users (note)").await;
    store.prepare(&USERS).await.unwrap();
    store.commit(users(0, 1, vec![RowChange::Put(user(1, "a"))])).await.unwrap();
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error() {
    let place = Place::new();
    let store = place.store().await;
    store.prepare(&USERS).await.unwrap();
    store.commit(users(0, 1, vec![RowChange::Put(user(1, "a"))])).await.unwrap();
    for damage in ["seen = 'infinity'", "seen = '-infinity'"] {
        run(&place, &format!("UPDATE view_users SET {damage}")).await;
        let message = failure(store.select(&USERS, &RowQuery::default()).await.unwrap_err());
        assert!(message.contains("a row of `users` is damaged: its `seen` cannot be read"), "{message}");
    }
}

#[tokio::test]
async fn impossible_queries_are_refused() {
    let place = Place::new();
    let store = place.store().await;
    store.prepare(&EVENTS).await.unwrap();
    let error = store.select(&EVENTS, &only(6, Comparison::Eq(Value::Null))).await.unwrap_err();
    assert!(failure(error).contains("has 6 columns"));
    let place = RowQuery { after: Some(vec![key(1), key(1)]), ..RowQuery::default() };
    assert!(failure(store.select(&EVENTS, &place).await.unwrap_err()).contains("has 1 values, not 2"));
    let nan = failure(store.count(&EVENTS, &only(5, Comparison::Lt(Value::Float(f64::NAN)))).await.unwrap_err());
    assert!(nan.contains("cannot hold NaN"), "{nan}");
    let predicate = Predicate { column: 5, comparison: Comparison::Lt(Value::Float(1.0)) };
    let many = RowQuery { filter: vec![predicate; 40_000], ..RowQuery::default() };
    let error = store.count(&EVENTS, &many).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(InvalidInput::TooMany { count: 40_000, .. })), "{error:?}");
    // A list is one value.
    let list = only(0, Comparison::In((0..40_000).map(key).collect()));
    assert_eq!(store.count(&EVENTS, &list).await.unwrap(), 0);
}

/// What `chrono` knows and the server does not is compared all the same.
#[tokio::test]
async fn moments_beyond_the_servers_are_compared() {
    let place = Place::new();
    let store = place.store().await;
    store.prepare(&EVENTS).await.unwrap();
    store.commit(batch(0, 1, vec![RowChange::Put(row(1, None))])).await.unwrap();
    let first = || Value::Timestamp(DateTime::<Utc>::MIN_UTC);
    for (query, count) in [
        (only(2, Comparison::Gt(first())), 1),
        (only(2, Comparison::Le(first())), 0),
        (only(2, Comparison::Lt(Value::Timestamp(DateTime::<Utc>::MAX_UTC))), 1),
        (only(3, Comparison::Ge(Value::Date(NaiveDate::MIN))), 1),
        (only(3, Comparison::Ge(Value::Date(NaiveDate::MAX))), 0),
    ] {
        assert_eq!(store.count(&EVENTS, &query).await.unwrap(), count, "{query:?}");
    }
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

#[tokio::test]
async fn indexes_are_used() {
    let place = Place::new();
    place.store().await.prepare(&USERS).await.unwrap();
    run(&place,
            "INSERT INTO view_users SELECT n, 'mail' || n % 1000, now() - n * interval '1 min', '1' FROM generate_series(1, 20000) n;
             ANALYZE view_users",
        )
        .await;
    let order = |column, direction| vec![Order { column, direction }];
    let page = |order, after| RowQuery { order, after, limit: Some(20), ..RowQuery::default() };
    let mail = || Value::Text("mail77".into());
    let moment = || Value::Timestamp(Utc::now() - chrono::TimeDelta::hours(1));
    for (query, index) in [
        (only(1, Comparison::Eq(mail())), "view_users_email_id_idx"),
        (only(2, Comparison::Eq(Value::Null)), "view_users_seen_id_idx"),
        (only(2, Comparison::Gt(moment())), "view_users_seen_id_idx"),
        (page(order(1, Direction::Ascending), None), "view_users_email_id_idx"),
        (page(order(1, Direction::Ascending), Some(vec![mail(), Value::Int(9)])), "view_users_email_id_idx"),
        (page(order(1, Direction::Descending), Some(vec![mail(), Value::Int(9)])), "view_users_email_id_idx"),
        (page(order(2, Direction::Ascending), Some(vec![moment(), Value::Int(9)])), "view_users_seen_id_idx"),
        (page(order(2, Direction::Descending), None), "view_users_seen_id_idx"),
        (page(Vec::new(), Some(vec![Value::Int(9)])), "view_users_pkey"),
    ] {
        let before = scans(&place, index).await;
        place.store().await.select(&USERS, &query).await.unwrap();
        // A session hands in what it counted when it ends.
        while scans(&place, index).await == before {
            tokio::task::yield_now().await;
        }
    }
}

async fn scans(place: &Place, index: &str) -> i64 {
    let sql = "SELECT idx_scan FROM pg_stat_all_indexes WHERE indexrelname = $1 AND schemaname = current_schema";
    raw(place).await.query_one(sql, &[&index]).await.unwrap().get(0)
}
