//! The schema: made by whoever comes first, or by other tools.

use std::{process::Command, sync::Arc, time::Duration};

use cqrs_core::{EventStore as _, Position, StoreError};
use cqrs_postgres::PostgresStore;
use tokio::{sync::Barrier, time::timeout};

use crate::{
    roles::{Home, connect, full, read_all, unopenable, write},
    support::Place,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_that_start_at_once_one_migrates() {
    let home = Home::new().await;
    let barrier = Arc::new(Barrier::new(10));
    let starting: Vec<_> = (0..10)
        .map(|number| {
            let (builder, barrier) = (home.builder(&home.owner), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                let store = builder.connections(1).open().await.unwrap();
                write(&store, full(&format!("a{number}"))).await.unwrap().last
            })
        })
        .collect();
    let mut positions = Vec::new();
    for started in starting {
        positions.push(started.await.unwrap().0);
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..=10).collect::<Vec<_>>());
    let client = connect(&home.url).await;
    let numbers = client.query("SELECT number FROM cqrs.migrations ORDER BY number", &[]).await.unwrap();
    let numbers: Vec<i64> = numbers.iter().map(|row| row.get(0)).collect();
    assert_eq!(numbers, (1..=numbers.len()).map(|number| i64::try_from(number).unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_schema_made_by_other_tools_is_worked_with() {
    let home = Home::new().await;
    let missing = unopenable(home.builder(&home.owner).migrate(false).open().await.unwrap_err());
    assert!(missing.contains("`schema_sql`"), "{missing}");
    home.own(&cqrs_postgres::schema_sql()).await;
    assert_eq!(PostgresStore::builder(&home.url).schema_sql().unwrap(), cqrs_postgres::schema_sql());
    for migrate in [true, false] {
        let store = home.builder(&home.owner).migrate(migrate).open().await.unwrap();
        write(&store, full(if migrate { "a" } else { "b" })).await.unwrap();
    }

    let orders = || home.builder(&home.owner).schema("shop").log("orders").migrate(false);
    let script = orders().schema_sql().unwrap();
    let psql = Command::new("psql").arg(home.of(&home.owner)).args(["-qv", "ON_ERROR_STOP=1", "-c", &script]).output();
    match psql {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => home.own(&script).await,
    }
    write(&orders().open().await.unwrap(), full("a")).await.unwrap();

    // As before the last step.
    home.own("DELETE FROM cqrs.migrations WHERE number = (SELECT max(number) FROM cqrs.migrations)").await;
    let old = unopenable(home.builder(&home.owner).migrate(false).open().await.unwrap_err());
    assert!(
        old.contains("1 migrations") && old.contains("run the steps from") && old.contains("`schema_sql`"),
        "{old}"
    );
}

#[tokio::test]
async fn logs_share_nothing() {
    let (place, elsewhere) = (Place::new(), Place::new());
    let stores = [
        place.store().await,
        place.builder().log("orders").open().await.unwrap(),
        place.builder().log("orders_old").open().await.unwrap(),
        elsewhere.store().await,
    ];
    for (number, store) in stores.iter().enumerate() {
        // The same claim in each, and a position that none of the others has.
        for id in 0..=number {
            let appended = write(store, full(&format!("a{id}"))).await.unwrap();
            assert_eq!(appended.last, Position(id as u64 + 1));
        }
    }
    for (number, store) in stores.iter().enumerate() {
        assert_eq!(read_all(store).await.len(), number + 1);
        assert_eq!(store.holder("thing.name", "a9").await.unwrap(), None);
    }
    // Nobody wakes for what is written elsewhere.
    let [main, orders, ..] = stores;
    let mut waits = tokio::spawn(async move { main.wait_beyond(Position(1)).await.unwrap() });
    write(&orders, full("new")).await.unwrap();
    assert!(timeout(Duration::from_millis(300), &mut waits).await.is_err());
    write(&place.store().await, full("new")).await.unwrap();
    assert_eq!(waits.await.unwrap(), Position(2));
}

/// The longest names that are allowed: what is made of them fits into names of the server.
#[tokio::test]
async fn logs_with_long_names_are_written_and_heard_of() {
    let place = Place::new();
    let (schema, log) = ("s".repeat(30 - place.schema().len()) + place.schema(), "l".repeat(30));
    let named =
        || PostgresStore::builder(place.url()).schema(&schema).log(&log).poll_interval(Duration::from_secs(3600));
    let (waiting, theirs) = (named().open().await.unwrap(), named().open().await.unwrap());
    let mut reached = Position::START;
    for id in ["a", "b"] {
        let wait = tokio::spawn({
            let waiting = waiting.clone();
            async move { waiting.wait_beyond(reached).await.unwrap() }
        });
        reached = write(&theirs, full(id)).await.unwrap().last;
        // Notified: nobody looks for an hour.
        assert_eq!(timeout(Duration::from_secs(60), wait).await.unwrap().unwrap(), reached);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_of_one_schema_are_made_at_once() {
    for _ in 0..10 {
        let place = Place::new();
        let barrier = Arc::new(Barrier::new(4));
        let starting: Vec<_> = (0..4)
            .map(|number| {
                let (builder, barrier) = (place.builder().log(format!("log{number}")), Arc::clone(&barrier));
                tokio::spawn(async move {
                    barrier.wait().await;
                    builder.open().await.map(drop)
                })
            })
            .collect();
        for started in starting {
            started.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn names_that_are_none_are_refused() {
    let place = Place::new();
    for name in ["", "Cqrs", "a-b", "a\"; DROP SCHEMA public; --", "view_users", "shop_view", "a_view_b"] {
        let error = place.builder().log(name).open().await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Unopenable { message, .. } if message.contains("cannot be the name")),
            "{error:?}"
        );
    }
    assert!(unopenable(place.builder().schema("pg toast").open().await.unwrap_err()).contains("name of a schema"));
    assert!(unopenable(place.builder().schema("").schema_sql().unwrap_err()).contains("name of a schema"));
}
