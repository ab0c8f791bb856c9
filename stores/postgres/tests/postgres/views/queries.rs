//! Rows chosen and counted.

use chrono::{DateTime, NaiveDate, Utc};
use cqrs_core::{
    ReadModelStore as _, StoreError, Value,
    store::{Comparison, Direction, InvalidInput, Order, Predicate, RowChange, RowQuery},
};

use super::{EVENTS, USERS, batch, failure, key, only, row, user, users};
use crate::support::{Place, raw, run};

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
