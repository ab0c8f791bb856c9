//! Settings of a role or a database that a store did not choose.

use std::{pin::Pin, sync::Arc, time::Duration};

use cqrs_core::{
    AppendError, EventFilter, EventStore as _, Position, ReadModelStore as _, RecordedEvent, StoreError,
    event::EventSet,
    payload::DecodeError,
    projection::{InTransaction, TransactionProjection},
    store::{Cause, ProjectionSink as _},
};
use cqrs_postgres::{
    PgTransaction, PostgresStore,
    deadpool_postgres::{Manager, Pool, Runtime},
    tokio_postgres::NoTls,
};

use crate::roles::{
    Home, append, assert_gapless, connect, event, full, read_all, stream, unopenable, unwritable, with, write,
};

fn pool(url: &str, size: usize) -> Pool {
    let manager = Manager::new(url.parse().unwrap(), NoTls);
    Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1).build().unwrap()
}

#[tokio::test]
async fn the_isolation_is_the_stores_own_and_that_of_a_given_pool_is_looked_at() {
    for isolation in ["repeatable read", "serializable"] {
        let home = Home::new().await;
        home.run(&format!("ALTER ROLE {} SET default_transaction_isolation = '{isolation}'", home.owner)).await;
        let store = home.builder(&home.owner).open().await.unwrap();
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move { write(&store, full(&format!("a{number}"))).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!(store.lease("users").await.unwrap().is_shared());

        let given = || PostgresStore::with_pool(pool(&home.of(&home.owner), 2));
        let message = unopenable(given().open().await.unwrap_err());
        assert!(message.contains(isolation) && message.contains("`default_transaction_isolation`"), "{message}");
        // Set while a program runs.
        home.run(&format!("ALTER ROLE {} RESET default_transaction_isolation", home.owner)).await;
        let running = given().open().await.unwrap();
        home.run(&format!("ALTER ROLE {} SET default_transaction_isolation = '{isolation}'", home.owner)).await;
        end_all(&home).await;
        let message = loop {
            // The first finds a connection that has ended.
            match running.append(&[full("b")]).await {
                Err(error @ StoreError::Unwritable { .. }) => break unwritable(error),
                Err(StoreError::Unknown { .. } | StoreError::Unavailable { .. }) => {}
                other => panic!("{other:?}"),
            }
        };
        assert!(message.contains("READ COMMITTED") && message.contains("`default_transaction_isolation`"), "{message}");
        assert_eq!(running.head().await.unwrap(), Position(16));
        home.run(&format!("ALTER ROLE {} RESET default_transaction_isolation", home.owner)).await;
        end_all(&home).await;
        assert_gapless(&read_all(&running).await);
    }
}

async fn end_all(home: &Home) {
    let ended =
        format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = '{}'", home.owner);
    connect(&home.url).await.query(&ended, &[]).await.unwrap();
}

#[tokio::test]
async fn time_outs_are_told_from_failures_and_leave_nothing() {
    let home = Home::new().await;
    let owned = |setting: &str| with(&home.of(&home.owner), &format!("options=-c{setting}"));
    let store = home.builder(&home.owner).open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    let patient = PostgresStore::connect(owned("lock_timeout%3D50")).await.unwrap();
    let hasty = PostgresStore::connect(owned("statement_timeout%3D50")).await.unwrap();

    // Holds the log's lock.
    let holder = connect(&home.url).await;
    let lock = "BEGIN; SELECT pg_advisory_xact_lock(1668444787, 'cqrs.events'::regclass::oid::integer)";
    holder.batch_execute(lock).await.unwrap();
    let (late, lost) = (full("late"), full("lost"));
    let error = patient.append(std::slice::from_ref(&late)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable { message, .. } if message.contains("`lock_timeout`")),
        "{error:?}"
    );
    let error = hasty.append(std::slice::from_ref(&lost)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unknown { message, .. } if message.contains("`statement_timeout`")),
        "{error:?}"
    );
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(store.head().await.unwrap(), Position(1));
    assert_eq!(write(&patient, late).await.unwrap().last, Position(2));
    assert_eq!(write(&hasty, lost).await.unwrap().last, Position(3));
    assert_gapless(&read_all(&store).await);
}

#[tokio::test]
async fn sessions_that_are_ended_for_being_idle_are_made_again() {
    let home = Home::new().await;
    let store = home.builder(&home.owner).poll_interval(Duration::from_secs(3600)).open().await.unwrap();
    home.run(&format!("ALTER ROLE {} SET idle_session_timeout = 50", home.owner)).await;
    end_all(&home).await;
    let waiting = store.clone();
    let mut waits = tokio::spawn(async move { waiting.wait_beyond(Position(9)).await.unwrap() });
    for number in 1..=10 {
        let append = full(&format!("a{number}"));
        let appended = loop {
            match write(&store, append.clone()).await {
                Err(AppendError::Store(StoreError::Unknown { .. } | StoreError::Unavailable { .. })) => {}
                answer => break answer.unwrap(),
            }
        };
        assert_eq!(appended.last, Position(number));
        if number < 10 {
            // Idle for longer than it may be.
            assert!(tokio::time::timeout(Duration::from_millis(70), &mut waits).await.is_err());
        }
    }
    assert_eq!(waits.await.unwrap(), Position(10));
    assert_gapless(&read_all(&store).await);
}

/// Its handler takes its time.
struct Slow;

struct Anything;

impl EventSet for Anything {
    fn names() -> Vec<&'static str> {
        vec!["thing.happened"]
    }

    fn decode_any(_: &str, _: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl TransactionProjection for Slow {
    const PROJECTION_NAME: &'static str = "slow";
    type Event = Anything;
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl<'tx> InTransaction<PgTransaction<'tx>> for Slow {
    fn setup<'a>(_: &'a mut PgTransaction<'tx>) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async { Ok(()) })
    }

    fn handle<'a>(
        tx: &'a mut PgTransaction<'tx>,
        _: Anything,
        _: &'a RecordedEvent,
    ) -> BoxFuture<'a, Result<(), Cause>> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            tx.batch_execute("SELECT 1").await.map_err(|error| -> Cause { Arc::new(error) })
        })
    }
}

/// The event is not to blame, so it is not parked.
#[tokio::test]
async fn a_transaction_that_was_idle_too_long_is_no_fault_of_its_event() {
    let home = Home::new().await;
    let url = with(&home.of(&home.owner), "options=-cidle_in_transaction_session_timeout%3D50");
    let store = PostgresStore::connect(url).await.unwrap();
    write(&store, full("a")).await.unwrap();
    let slow = store.projection::<Slow>();
    slow.prepare().await.unwrap();
    let page = store.read(&EventFilter::everything(), Position::START, 10).await.unwrap();
    let error = slow.handle(Position::START, &page).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(slow.checkpoint().await.unwrap(), Position::START);
}

/// None of it changes what is written, or what is read.
#[tokio::test]
async fn how_values_are_shown_and_names_are_found_does_not_matter() {
    let home = Home::new().await;
    home.run("CREATE SCHEMA evil; CREATE TABLE evil.events (position text); CREATE TABLE evil.claims ()").await;
    home.run("CREATE FUNCTION evil.append(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'").await;
    home.run(&format!("GRANT USAGE ON SCHEMA evil TO {}", home.owner)).await;
    let store = home.builder(&home.owner).open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    for setting in [
        "search_path = evil, \"$user\"",
        "search_path = ''",
        "\"DateStyle\" = 'SQL, DMY'",
        "\"TimeZone\" = 'Asia/Kathmandu'",
        "\"IntervalStyle\" = 'sql_standard'",
        "bytea_output = 'escape'",
        "extra_float_digits = -15",
        "standard_conforming_strings = off",
        "client_encoding = 'LATIN1'",
        "row_security = off",
        "array_nulls = off",
        "transform_null_equals = on",
        "check_function_bodies = off",
        "default_transaction_deferrable = on",
        "lc_monetary = 'C'",
        "client_min_messages = 'debug5'",
    ] {
        home.run(&format!("ALTER ROLE {} SET {setting}", home.owner)).await;
    }
    let strange = PostgresStore::connect(with(&home.of(&home.owner), "client_encoding=UTF8")).await;
    // The driver knows no such option, and the error says no more than that.
    unopenable(strange.unwrap_err());
    let strange = with(&home.of(&home.owner), "options=-cclient_encoding%3DLATIN1");
    let strange = PostgresStore::builder(strange);
    let other = strange.clone().schema("other").open().await.unwrap();
    let same = strange.open().await.unwrap();
    for store in [&other, &same] {
        let at = chrono::DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap();
        let mut text = append().event(event("ä€").tag(cqrs_core::Tag::new("tag", &"ü\\").unwrap()));
        text.metadata = std::sync::Arc::new(cqrs_core::Metadata::new(text.request, at));
        let appended = write(store, text).await.unwrap();
        let read = read_all(store).await.pop().unwrap();
        assert_eq!((read.position, &read.stream, read.metadata.recorded_at), (appended.last, &stream("ä€"), at));
        assert_eq!(read.tags[0].as_str(), "tag:ü\\");
        write(store, full("b")).await.unwrap();
        assert_gapless(&read_all(store).await);
    }
    assert_eq!(read_all(&same).await, read_all(&store).await);
}
