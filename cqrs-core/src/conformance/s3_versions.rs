//! S3: within a stream 1, 2, 3 …, in the same order as positions.

use super::{
    Fixture,
    race::all,
    sample::{events, history, log, stream, write},
};
use crate::store::EventStore;

/// Versions have no gap and follow positions, with many writers that expect nothing. Guards against versions counted
/// outside the lock, which come twice or in another order than positions.
pub async fn versions_follow_positions(fixture: Fixture<dyn EventStore>) {
    const STREAMS: usize = 3;
    all((0..8).zip(fixture.handles().await).map(|(writer, store)| async move {
        for number in 0..15 {
            let (one, other) = (stream(number % STREAMS), stream((number + writer) % STREAMS));
            let mut unit = events(&one, 1 + number % 2);
            unit.events.extend(events(&other, 1).events);
            write(&*store, unit).await;
        }
    }))
    .await;

    let store = fixture.store();
    let log = log(&*store).await;
    for id in (0..STREAMS).map(stream) {
        let of_stream: Vec<_> = log.iter().filter(|event| event.stream == id).cloned().collect();
        let versions: Vec<u64> = of_stream.iter().map(|event| event.version.0).collect();
        assert!(versions.iter().copied().eq(1..=versions.len() as u64), "versions of `{id}`: {versions:?}");
        assert!(history(&*store, &id).await == of_stream, "stream and log show `{id}` alike");
    }
}

/// Names that differ in case, in trailing blanks, in accents or in how an accent is written are different streams.
/// Guards against columns compared by a collation.
pub async fn streams_are_told_apart_byte_by_byte(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let ids = ["a", "A", "a ", " a", "ä", "a\u{308}", "a%", "a_", "a'", "a\"", "a\\", "-a", "🦀", "\u{202e}a"];
    for (number, id) in ids.iter().enumerate() {
        write(&*store, events(&stream(id), number + 1)).await;
    }
    for (number, id) in ids.iter().enumerate() {
        let history = history(&*store, &stream(id)).await;
        assert_eq!(history.len(), number + 1, "events of {id:?}");
        assert!(history.iter().all(|event| event.stream == stream(id)), "all are of {id:?}");
    }
}
