//! Files that cannot be opened, written or understood.

use std::fs;

use cqrs_core::{
    EventFilter, EventStore as _, Position, StoreError, Version,
    store::{Corrupt, Selector},
};
use cqrs_sqlite::SqliteStore;

use crate::support::{Place, append, assert_gapless, event, read_all, stream, take, write};

async fn refusal(path: impl Into<std::path::PathBuf>) -> StoreError {
    SqliteStore::open(path).await.unwrap_err()
}

fn unopenable(error: StoreError) -> String {
    let StoreError::Unopenable { message, .. } = error else { panic!("{error:?}") };
    message
}

#[tokio::test]
async fn what_is_no_store_is_not_opened_and_not_touched() {
    let place = Place::new();
    let directory = place.directory.path();

    let text = directory.join("text.db");
    let content = "once upon a time, ".repeat(100);
    fs::write(&text, &content).unwrap();
    assert!(unopenable(refusal(&text).await).contains("not a SQLite database: name another file"));
    assert_eq!(fs::read_to_string(&text).unwrap(), content);

    let foreign = directory.join("foreign.db");
    let conn = rusqlite::Connection::open(&foreign).unwrap();
    conn.execute_batch("PRAGMA user_version = 7; CREATE TABLE theirs (a)").unwrap();
    assert!(unopenable(refusal(&foreign).await).contains("of another program"));

    assert!(unopenable(refusal(directory).await).contains("this is a directory: name a file in it"));
    let missing = directory.join("missing");
    let message = unopenable(refusal(missing.join("store.db")).await);
    assert!(message.contains(&format!("there is no directory `{}`: create it", missing.display())), "{message}");
    assert!(!missing.exists());
    assert!(unopenable(refusal("").await).contains("cannot be a file's name"));
    assert!(unopenable(refusal(directory.join("a\0b")).await).contains("cannot be a file's name"));
}

#[tokio::test]
async fn a_newer_schema_is_left_to_newer_programs() {
    let place = Place::new();
    write(&place.open().await, append().event(event(&stream("a")))).await.unwrap();
    let conn = place.raw();
    let version: u64 = conn.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0)).unwrap().into();
    conn.pragma_update(None, "user_version", 4711).unwrap();
    let error = refusal(place.path()).await;
    assert!(matches!(error, StoreError::NewerSchema { found: 4711, supported } if supported == version), "{error:?}");
}

#[tokio::test]
async fn a_full_file_takes_nothing_and_keeps_what_it_has() {
    let place = Place::new();
    let store = SqliteStore::builder(place.path()).max_bytes(200_000).open().await.unwrap();
    let a = stream("a");
    let large = || cqrs_core::NewEvent::new(&a, "thing.grew", vec![b' '; 30_000]);
    let mut written = 0;
    let error = loop {
        // The first of the batch would fit and must not be written without the second's being judged.
        let batch = [append().event(event(&a)), append().event(large()).claim(take("k", &written.to_string(), &a))];
        match store.append(&batch).await {
            Ok(results) => written += results.into_iter().map(Result::unwrap).count(),
            Err(error) => break error,
        }
    };
    let StoreError::Unwritable { message, .. } = &error else { panic!("{error:?}") };
    assert!(message.contains("make room or raise the limit"), "{message}");
    assert!(written > 0);
    assert!(fs::metadata(place.path()).unwrap().len() <= 200_000);
    let events = read_all(&store).await;
    assert_eq!(events.len(), written);
    assert_gapless(&events);
    assert_eq!(store.holder("k", &written.to_string()).await.unwrap(), None);
    // What is small enough still fits.
    write(&store, append().event(event(&a))).await.unwrap();
    drop(store);
    let roomier = place.open().await;
    write(&roomier, append().event(large())).await.unwrap();
}

/// A `COMMIT` that fails keeps its transaction open: it has to be rolled back, or nothing is ever written again.
#[tokio::test]
async fn a_commit_that_fails_writes_nothing_and_stops_nothing() {
    let place = Place::new();
    let store = place.open().await;
    place
        .raw()
        .execute_batch(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER orphan AFTER INSERT ON events WHEN NEW.stream = 'thing-orphan'
             BEGIN INSERT INTO child VALUES (NEW.position); END;",
        )
        .unwrap();
    write(&store, append().event(event(&stream("a")))).await.unwrap();
    let doomed = append().event(event(&stream("orphan")));
    let error = store.append(&[append().event(event(&stream("a"))), doomed.clone()]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("FOREIGN KEY")), "{error:?}");
    assert_eq!(store.receipt(doomed.request).await.unwrap(), None);
    let receipt = write(&store, append().event(event(&stream("a")))).await.unwrap();
    assert_eq!(receipt.last, Position(2));
    assert_gapless(&read_all(&store).await);
}

#[tokio::test]
async fn a_lock_that_is_kept_too_long_is_waited_for_and_then_reported() {
    let place = Place::new();
    let builder = SqliteStore::builder(place.path()).busy_timeout(std::time::Duration::from_millis(30));
    let store = builder.open().await.unwrap();
    let conn = place.raw();
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let batch = [append().event(event(&stream("a")))];
    let error = store.append(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(store.head().await.unwrap(), Position::START);
    conn.execute_batch("COMMIT").unwrap();
    assert_eq!(store.append(&batch).await.unwrap().remove(0).unwrap().last, Position(1));
}

/// Every way in which a stored event can be spoilt by hand.
#[tokio::test]
async fn an_event_that_cannot_be_read_is_named_and_never_skipped() {
    for (spoil, cause) in [
        ("stream = 'nothing'", "`stream`"),
        ("type = CAST(X'ff' AS TEXT)", "`type`: invalid utf-8"),
        ("version = -2", "`version`: -2 is negative"),
        ("request = X'01'", "`request`"),
        ("recorded_ns = 2000000000", "`recorded_at`"),
        ("correlation = X'01'", "`correlation`"),
        ("actor = CAST(X'ff' AS TEXT)", "`actor`: invalid utf-8"),
        ("custom = '{'", "`custom`"),
        ("custom = '[]'", "`custom`"),
        ("tags = '[\"untagged\"]'", "`tags`"),
    ] {
        let place = Place::new();
        let store = place.open().await;
        for _ in 0..3 {
            write(&store, append().event(event(&stream("a")))).await.unwrap();
        }
        place.raw().execute(&format!("UPDATE events SET {spoil} WHERE position = 2"), []).unwrap();

        let error = store.read(&EventFilter::everything(), Position::START, 10).await.unwrap_err();
        let StoreError::Corrupt(corrupt) = &error else { panic!("{spoil}: {error:?}") };
        let Corrupt { position, stream: name, version, event_type, cause: said } = &**corrupt;
        assert_eq!(*position, Position(2));
        assert!(said.contains(cause), "{spoil}: {said}");
        if !spoil.starts_with("stream") {
            assert_eq!(name, "thing-a");
        }
        if !spoil.starts_with("version") {
            assert_eq!(*version, Version(2));
        }
        if !spoil.starts_with("type") {
            assert_eq!(event_type, "thing.happened");
        }
        // The same from the stream and from a condition that would have to look at it; others go on.
        if !(spoil.starts_with("stream") || spoil.starts_with("version")) {
            let error = store.read_stream(&stream("a"), Version::START, 10).await.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt(_)), "{spoil}: {error:?}");
        }
        let filter = EventFilter::any_of([Selector::default().event_type("thing.other").stream(&stream("b"))]);
        assert_eq!(store.read(&filter, Position::START, 10).await.unwrap().read_to, Position(3));
        let asks =
            append().when(cqrs_core::Condition::NoMatch { filter: EventFilter::everything(), after: Position(1) });
        let results = store.append(&[asks, append().event(event(&stream("b")))]).await.unwrap();
        assert!(
            matches!(&results[0], Err(cqrs_core::AppendError::Store(StoreError::Corrupt(_)))),
            "{spoil}: {results:?}"
        );
        assert_eq!(results[1].as_ref().unwrap().last, Position(4));
    }
}
