//! Snapshots: the newest state kept of a stream. A store that keeps none says so by
//! [`without_snapshots`](Fixture::without_snapshots), and is held to that.

use bytes::Bytes;

use super::{
    Fixture,
    race::{Gate, race},
    sample::stream,
};
use crate::store::{EventStore, Snapshot, StreamId, Version};

fn snapshot(stream: &StreamId, version: u64, shape: u64, state: &str) -> Snapshot {
    let state = Bytes::copy_from_slice(state.as_bytes());
    Snapshot { stream: stream.clone(), version: Version(version), shape, state }
}

/// What is kept of a stream.
async fn kept(store: &dyn EventStore, stream: &StreamId) -> Option<Snapshot> {
    store.snapshot(stream).await.expect("snapshots are read")
}

/// Has a snapshot kept, and asserts that another one is kept of its stream after that: `stays`.
async fn keep(fixture: &Fixture<dyn EventStore>, snapshot: Snapshot, stays: &Snapshot) {
    let store = fixture.store();
    let stream = snapshot.stream.clone();
    store.keep_snapshot(snapshot).await.expect("snapshots are kept");
    let stays = fixture.keeps_snapshots().then_some(stays);
    assert_eq!(kept(&*store, &stream).await.as_ref(), stays);
    assert_eq!(kept(&*fixture.another().await, &stream).await.as_ref(), stays, "through another handle");
}

/// A snapshot is read back as it was, of its own stream and of no other, whether that has events or not. Guards against
/// a column that changes what is in it.
pub async fn snapshots_are_kept_to_the_byte(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    assert_eq!(kept(&*store, &stream("unknown")).await, None);
    let large = format!("[{}0]", "123456789,".repeat(100_000));
    let states =
        ["null", "{}", r#"{ "b":1, "a":2, "a":1.10 }"#, r#""\u0000 \ud83d\ude00 😀 ' \" \\""#, " 1e400\n", &large];
    let mut all = Vec::new();
    for (number, state) in states.into_iter().enumerate() {
        let id = stream(format!("é'\"{number}"));
        let shape = [0, 1, u64::MAX, 1 << 63][number % 4];
        let snapshot = snapshot(&id, 1 + number as u64 * 1_000_000_007, shape, state);
        keep(&fixture, snapshot.clone(), &snapshot).await;
        all.push(snapshot);
    }
    for snapshot in &all {
        let expected = fixture.keeps_snapshots().then_some(snapshot);
        assert_eq!(kept(&*store, &snapshot.stream).await.as_ref(), expected);
    }
    assert_eq!(kept(&*store, &stream("é'\"")).await, None);
}

/// A later snapshot takes the place of an earlier one, and no earlier one that of a later. Guards against an engine that
/// has fallen behind, and throws away what others have come to.
pub async fn later_snapshots_replace_earlier_ones(fixture: Fixture<dyn EventStore>) {
    let id = stream(1);
    let [five, again, nine, eight] =
        [(5, "5"), (5, "[5]"), (9, "9"), (8, "8")].map(|(version, state)| snapshot(&id, version, 7, state));
    keep(&fixture, five.clone(), &five).await;
    keep(&fixture, nine.clone(), &nine).await;
    keep(&fixture, eight, &nine).await;
    keep(&fixture, again, &nine).await;
    assert_eq!(kept(&*fixture.store(), &stream(2)).await, None);
}

/// A snapshot of another shape replaces what is there, at whatever version: to a program that has moved on, or back, the
/// old one is of no use.
pub async fn snapshots_of_another_shape_replace_any(fixture: Fixture<dyn EventStore>) {
    let id = stream(1);
    let later = snapshot(&id, 9, 7, r#""old""#);
    keep(&fixture, later.clone(), &later).await;
    let earlier = snapshot(&id, 4, 8, r#""new""#);
    keep(&fixture, earlier.clone(), &earlier).await;
    let back = snapshot(&id, 3, 7, r#""old""#);
    keep(&fixture, back.clone(), &back).await;
}

/// Many snapshots of one stream at once: the latest stays. Guards against a look before the write.
pub async fn the_latest_of_many_stays(fixture: Fixture<dyn EventStore>) {
    const WRITERS: usize = 16;
    let handles: Vec<_> = fixture.handles().await.take(WRITERS).collect();
    for round in 0..8 {
        let id = stream(round);
        race(WRITERS, Gate::After, |writer, line| {
            let store = handles[writer].clone();
            // The latest is neither the first to come nor the last.
            let snapshot = snapshot(&id, 1 + (writer as u64 * 5) % 16, 7, &writer.to_string());
            async move {
                line.at(Gate::After).await;
                store.keep_snapshot(snapshot).await.expect("snapshots are kept");
            }
        })
        .await;
        let latest = kept(&*handles[0], &id).await.map(|snapshot| snapshot.version);
        assert_eq!(latest, fixture.keeps_snapshots().then_some(Version(16)));
    }
}

/// Snapshots are there after a restart. Passed over by stores that are not durable.
pub async fn snapshots_survive_a_restart(fixture: Fixture<dyn EventStore>) {
    let id = stream(1);
    let snapshot = snapshot(&id, 12, 7, "{}");
    keep(&fixture, snapshot.clone(), &snapshot).await;
    let expected = fixture.keeps_snapshots().then_some(snapshot);
    let Some(fixture) = fixture.restart().await else { return };
    assert_eq!(kept(&*fixture.store(), &id).await, expected);
}
