//! Long histories are loaded from snapshots, and whatever is wrong with one, the answer is the events'.

mod fragile;
mod ledger;
mod property;
mod written;

use std::time::Duration;

use cqrs::{Append, EventStore as _, NewEvent, RequestId, Snapshot, Version, prelude::*};
use tokio::time::timeout;

use self::ledger::*;
use crate::faulty::Snapshots;

#[tokio::test]
async fn a_long_history_is_loaded_from_its_snapshot() {
    let store = faultless();
    let writer = engine(store.clone()).await;
    fill(&writer, 1000).await;
    let expected = look(&writer).await;
    let given = store.given(|given| given.last().is_some_and(|last| last.version.0 > 1000 - EVERY)).await;
    assert_true(&store, &given).await;
    assert!(given.len() as u64 <= 1001 / EVERY, "{} snapshots of a thousand events", given.len());
    store.take_events_read();

    let reader = engine(store.clone()).await;
    assert_eq!(look(&reader).await, expected);
    let read = store.take_events_read();
    assert!(read <= 2 * EVERY, "{read} events were read");
    assert_eq!(expected, folded(&store, Version(1001)).await);

    // Behind the snapshot everything is as ever: entries, refusals, and a writer that has fallen behind.
    post(&reader, 3).await;
    let refused = writer.execute(Post { id: ID, account: 9, amount: -1 }).await.unwrap_err();
    let now = folded(&store, Version(1004)).await;
    assert!(matches!(refused, CommandError::Rejected(Overdrawn(state)) if state == now));
}

#[tokio::test]
async fn a_long_history_without_a_snapshot_gets_one_when_it_is_loaded() {
    let store = faultless();
    fill(&engine(store.clone().snapshots(Snapshots::Forgotten)).await, 100).await;
    let before = store.given(|_| true).await.len();
    assert_eq!(store.snapshot(&stream()).await.unwrap(), None);

    look(&engine(store.clone()).await).await;
    let given = store.given(|given| given.len() > before).await;
    assert_eq!(given[before].version, Version(101));
    assert_true(&store, &given).await;

    store.take_events_read();
    look(&engine(store.clone()).await).await;
    assert_eq!(store.take_events_read(), 1, "the event that the snapshot is at, to see that it is there");
}

#[tokio::test]
async fn a_snapshot_that_is_of_no_use_is_ignored() {
    let store = faultless();
    fill(&engine(store.clone().snapshots(Snapshots::Forgotten)).await, 20).await;
    let expected = folded(&store, Version(21)).await;
    let other = Ledger { entries: 4711, ..expected.clone() };
    let json = serde_json::to_string(&other).unwrap();
    let truncated = &json[..json.len() - 1];
    for (version, shape, state, is_used) in [
        (21, shape(), &*json, true),
        (21, shape() + 1, &json, false),
        (22, shape(), &json, false),
        (u64::MAX, shape(), &json, false),
        (0, shape(), &json, false),
        (21, shape(), "", false),
        (21, shape(), "null", false),
        (21, shape(), truncated, false),
        (3, shape(), &format!("{json} 1"), false),
    ] {
        // A store of its own for each, for a later version would stay.
        let fresh = faultless();
        fill(&engine(fresh.clone().snapshots(Snapshots::Forgotten)).await, 20).await;
        let state = state.to_owned().into();
        fresh.keep_snapshot(Snapshot { stream: stream(), version: Version(version), shape, state }).await.unwrap();

        let loaded = look(&engine(fresh).await).await;
        assert_eq!(loaded, if is_used { other.clone() } else { expected.clone() }, "at {version}");
    }
}

/// A snapshot may look right and be wrong, say of a program whose fold has changed without a new `version`: where the
/// events behind it do not fit, they are asked alone.
#[tokio::test]
async fn events_that_do_not_fit_a_snapshot_are_folded_from_the_first() {
    let store = faultless();
    let appended = (0..3).fold(Append::new(RequestId::random(), Utc::now()), |append, _| {
        append.event(NewEvent::new(&stream(), "ledger.posted", r#"{"id":7,"account":1,"amount":1}"#))
    });
    let opened =
        Append::new(RequestId::random(), Utc::now()).event(NewEvent::new(&stream(), "ledger.opened", r#"{"id":7}"#));
    store.append(&[opened.clone(), appended]).await.unwrap();
    let state = serde_json::to_vec(&Ledger::opened()).unwrap().into();
    store.keep_snapshot(Snapshot { stream: stream(), version: Version(2), shape: shape(), state }).await.unwrap();
    assert_eq!(look(&engine(store.clone()).await).await.entries, 2, "this one is used");

    let again = Append { request: RequestId::random(), ..opened };
    store.append(&[again]).await.unwrap();
    let error = engine(store).await.execute(Look { id: ID }).await.unwrap_err();
    let CommandError::Store(cqrs::StoreError::Corrupt(corrupt)) = error else { panic!("{error}") };
    assert_eq!(corrupt.version, Version(5), "an event that fits nothing is named, with a snapshot or without");
}

#[tokio::test]
async fn a_store_that_fails_with_snapshots_fails_no_command() {
    for snapshots in [Snapshots::Failing, Snapshots::Panicking, Snapshots::Hanging, Snapshots::Forgotten] {
        let store = faultless().snapshots(snapshots);
        let first = engine(store.clone()).await;
        fill(&first, 50).await;
        let tries = store.given(|given| !given.is_empty()).await.len();
        match snapshots {
            Snapshots::Hanging => assert_eq!(tries, 1, "one of a lane is under way, and no more"),
            _ => assert!(tries > 5, "what failed once is tried again: {tries} times"),
        }
        let expected = folded(&store, Version(51)).await;
        assert_eq!(look(&first).await, expected);
        assert_eq!(look(&engine(store.clone()).await).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_costs_a_lane_no_later_snapshot() {
    let store = faultless().snapshots(Snapshots::Hanging);
    let engine = engine(store.clone()).await;
    fill(&engine, 50).await;
    assert_eq!(store.given(|given| !given.is_empty()).await.len(), 1);

    let minute = Duration::from_secs(60);
    for tries in 2..5 {
        tokio::time::sleep(minute).await;
        post(&engine, 2 * EVERY).await;
        let given = timeout(minute, store.given(|given| given.len() >= tries)).await.expect("no other is tried");
        assert_eq!(given.len(), tries);
    }
}
