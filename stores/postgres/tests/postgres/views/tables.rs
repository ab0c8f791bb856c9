//! Tables of read models: how they are made, and what becomes of those made otherwise.

use std::sync::Arc;

use cqrs_core::{
    ColumnType, Position, ReadModelStore as _, Schema, StoreError, Value,
    store::{Comparison, InvalidInput, ProjectionBatch, Row, RowChange, RowQuery},
};
use cqrs_postgres::PostgresStore;
use tokio::sync::Barrier;
use uuid::Uuid;

use super::{EVENTS, USERS, batch, column, failure, key, only, user, users};
use crate::support::{Place, raw, run};

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
