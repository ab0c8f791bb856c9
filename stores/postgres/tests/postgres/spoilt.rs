//! What was changed by hand behind a store's back.

use cqrs_core::{EventFilter, EventStore as _, Position, StoreError, Version, store::Corrupt};

use crate::{
    roles::{append, assert_gapless, event, full, read_all, stream, write},
    support::{Place, run},
};

/// Every way in which a stored event can be spoilt.
#[tokio::test]
async fn an_event_that_cannot_be_read_is_named_and_never_skipped() {
    for (spoil, cause) in [
        ("stream = 'nothing'", "`stream`"),
        ("version = -2", "`version`: -2 is negative"),
        ("recorded_ns = 2000", "`recorded_ns`"),
        ("recorded_at = 'infinity'", "`recorded_at`"),
        ("custom = '[]'", "`custom`"),
        ("tags = '{untagged}'", "`tags`"),
        ("tags = '{a:b,NULL}'", "`tags`"),
        ("position = -2", "`position`: -2 is negative"),
    ] {
        let place = Place::new();
        let store = place.store().await;
        for _ in 0..3 {
            write(&store, append().event(event("a"))).await.unwrap();
        }
        run(&place, &format!("UPDATE events SET {spoil} WHERE position = 2")).await;
        if spoil.starts_with("position") {
            // A position before the first is behind no position that is asked for; by its stream it is found.
            let error = store.read_stream(&stream("a"), Version::START, 10).await.unwrap_err();
            assert!(matches!(&error, StoreError::Corrupt(corrupt) if corrupt.cause.contains(cause)), "{error:?}");
            continue;
        }
        for filter in [EventFilter::everything(), EventFilter::types(["thing.happened"])] {
            let error = store.read(&filter, Position::START, 10).await.unwrap_err();
            let StoreError::Corrupt(corrupt) = &error else { panic!("{spoil}: {error:?}") };
            let Corrupt { position, stream: name, version, event_type, cause: said } = &**corrupt;
            assert_eq!(*position, Position(2));
            assert!(said.contains(cause), "{spoil}: {said}");
            assert_eq!(name == "thing-a", !spoil.starts_with("stream"), "{spoil}: {name}");
            assert_eq!(*version == Version(2), !spoil.starts_with("version"), "{spoil}: {version}");
            assert_eq!(event_type, "thing.happened");
        }
        if !(spoil.starts_with("stream") || spoil.starts_with("version")) {
            let error = store.read_stream(&stream("a"), Version::START, 10).await.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt(_)), "{spoil}: {error:?}");
        }
        // Whatever does not read it goes on.
        assert_eq!(write(&store, append().event(event("b"))).await.unwrap().last, Position(4));
        assert_eq!(store.read_stream(&stream("b"), Version::START, 10).await.unwrap().len(), 1);
    }
}

/// A payload or a type is the program's to understand.
#[tokio::test]
async fn what_only_the_program_can_judge_is_handed_to_it() {
    let place = Place::new();
    let store = place.store().await;
    write(&store, append().event(event("a"))).await.unwrap();
    run(&place, r"UPDATE events SET payload = '[]', type = E'half \x01'").await;
    let read = read_all(&store).await.remove(0);
    assert_eq!((&*read.event_type, &*read.payload), ("half \u{1}", b"[]".as_slice()));
    run(&place, "UPDATE claims SET holder = 'x'").await;
}

#[tokio::test]
async fn a_claim_of_nobody_is_an_error() {
    let place = Place::new();
    let store = place.store().await;
    write(&store, full("a")).await.unwrap();
    run(&place, "UPDATE claims SET holder = 'nobody'").await;
    let error = store.holder("thing.name", "a").await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("damaged")), "{error:?}");
    assert!(write(&store, full("a")).await.is_err());
    write(&store, full("b")).await.unwrap();
    assert_gapless(&read_all(&store).await);
}

/// Each thing that a hand can take away, how it is put back, and what is asked meanwhile.
#[tokio::test]
async fn a_schema_changed_by_hand_is_said_to_be_and_works_again_when_mended() {
    for (change, mend) in [
        ("ALTER TABLE events RENAME COLUMN payload TO body", "ALTER TABLE events RENAME COLUMN body TO payload"),
        ("ALTER TABLE events RENAME TO gone", "ALTER TABLE gone RENAME TO events"),
        ("ALTER TABLE event_tags RENAME TO gone", "ALTER TABLE gone RENAME TO event_tags"),
        ("ALTER TABLE claims RENAME TO gone", "ALTER TABLE gone RENAME TO claims"),
        ("ALTER FUNCTION append RENAME TO gone", "ALTER FUNCTION gone RENAME TO append"),
        ("ALTER FUNCTION change_claims RENAME TO gone", "ALTER FUNCTION gone RENAME TO change_claims"),
        (
            "ALTER TYPE new_event RENAME ATTRIBUTE tags TO labels",
            "ALTER TYPE new_event RENAME ATTRIBUTE labels TO tags",
        ),
        ("ALTER TABLE events ADD COLUMN more text NOT NULL", "ALTER TABLE events DROP COLUMN more"),
    ] {
        let place = Place::new();
        let store = place.store().await;
        // What a table holds may be what a change is refused for.
        let has_events = !change.contains("NOT NULL");
        let before = u64::from(has_events);
        if has_events {
            write(&store, full("a")).await.unwrap();
        }
        run(&place, change).await;
        let reopened = place.builder().open().await;
        let error = match (store.append(&[full("b"), full("c")]).await, reopened) {
            (Err(error), _) => error,
            (other, _) if change.contains("RENAME ATTRIBUTE") => {
                // The type is told by its place.
                assert!(other.unwrap().iter().all(Result::is_ok));
                continue;
            }
            (other, _) => panic!("{change}: {other:?}"),
        };
        let StoreError::Failed { message, .. } = &error else { panic!("{change}: {error:?}") };
        assert!(message.contains("changed by hand"), "{change}: {message}");
        assert!(!message.contains("thing.happened"), "a log is no place for what events say: {message}");
        run(&place, mend).await;
        assert_eq!(store.head().await.unwrap(), Position(before), "{change}");
        assert!(store.append(&[full("b"), full("c")]).await.unwrap().iter().all(Result::is_ok), "{change}");
        assert_gapless(&read_all(&store).await);
        assert_eq!(store.holder("thing.name", "b").await.unwrap(), Some(stream("b")));
    }
}

/// A column that is dropped takes what was in it along; a statement prepared before does not stay in the way.
#[tokio::test]
async fn a_column_made_anew_is_read_by_those_who_knew_the_old() {
    let place = Place::new();
    let store = place.builder().connections(1).open().await.unwrap();
    write(&store, full("a")).await.unwrap();
    read_all(&store).await;
    run(&place, "ALTER TABLE events DROP COLUMN tags").await;
    let error = store.read(&EventFilter::everything(), Position::START, 10).await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("changed by hand")), "{error:?}");
    run(&place, "ALTER TABLE events ADD COLUMN tags text[]; ALTER TABLE events ALTER COLUMN actor TYPE varchar").await;
    assert_eq!(read_all(&store).await.len(), 1);
    write(&store, full("b")).await.unwrap();
    assert_gapless(&read_all(&store).await);
}

/// A function that answers something else has written by then, so the answer is an error and not a guess.
#[tokio::test]
async fn an_answer_that_is_none_is_an_error() {
    let place = Place::new();
    let store = place.store().await;
    write(&store, full("a")).await.unwrap();
    let replaced = "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('append'::regproc), 'RETURN answers;', 'RETURN ''nonsense'';'); END $$";
    run(&place, replaced).await;
    let error = store.append(&[full("b")]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("damaged")), "{error:?}");
    run(&place, "DROP FUNCTION append; DROP TABLE receipts").await;
    let error = store.append(&[full("b")]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Failed { message, .. } if message.contains("changed by hand")), "{error:?}");
    assert_gapless(&read_all(&store).await);
}
