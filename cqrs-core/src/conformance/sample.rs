//! What the cases write, and how they look at what is there.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
};

use chrono::{DateTime, Utc};

use crate::store::{
    Append, AppendError, Appended, Claim, Condition, Conflict, EventFilter, EventStore, Expected, Metadata, NewEvent,
    Position, RecordedEvent, RequestId, StreamId, Tag, Version,
};

pub(super) fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("a moment in range")
}

pub(super) fn stream(id: impl fmt::Display) -> StreamId {
    StreamId::of("case", &id).expect("a valid id")
}

pub(super) fn tag(key: &str, value: impl fmt::Display) -> Tag {
    Tag::new(key, &value).expect("a valid tag")
}

pub(super) fn event(stream: &StreamId, event_type: &str) -> NewEvent {
    NewEvent::new(stream, event_type, "{}")
}

/// An append of nothing yet, with a request id of its own.
pub(super) fn append() -> Append {
    Append::new(RequestId::random(), moment())
}

/// An append under a request id that was used before.
pub(super) fn under(request: RequestId, append: Append) -> Append {
    let metadata = Metadata { request, ..(*append.metadata).clone() };
    Append { request, metadata: Arc::new(metadata), ..append }
}

/// An append of so many events to one stream.
pub(super) fn events(stream: &StreamId, count: usize) -> Append {
    (0..count).fold(append(), |append, _| append.event(event(stream, "case.happened")))
}

pub(super) fn no_match(filter: &EventFilter, after: Position) -> Condition {
    Condition::NoMatch { filter: filter.clone(), after }
}

pub(super) fn take(key: &str, value: &str, holder: &StreamId) -> Claim {
    Claim::Take { key: key.into(), value: value.into(), holder: holder.clone() }
}

pub(super) fn replace(key: &str, value: &str, holder: &StreamId) -> Claim {
    Claim::Replace { key: key.into(), value: value.into(), holder: holder.clone() }
}

pub(super) fn release(key: &str, value: &str, holder: &StreamId) -> Claim {
    Claim::Release { key: key.into(), value: Some(value.into()), holder: holder.clone() }
}

pub(super) fn release_all(key: &str, holder: &StreamId) -> Claim {
    Claim::Release { key: key.into(), value: None, holder: holder.clone() }
}

/// Gives the store one append.
pub(super) async fn submit(store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
    let mut outcomes = submit_all(store, &[append]).await;
    outcomes.remove(0)
}

/// Gives the store one batch.
pub(super) async fn submit_all(store: &dyn EventStore, batch: &[Append]) -> Vec<Result<Appended, AppendError>> {
    let outcomes = store.append(batch).await.expect("the store takes the batch");
    assert_eq!(outcomes.len(), batch.len(), "one outcome an append");
    outcomes
}

/// Gives the store one append that it must write.
pub(super) async fn write(store: &dyn EventStore, append: Append) -> Appended {
    submit(store, append).await.expect("the append is written")
}

/// Every event that matches, read in pages of `size`.
pub(super) async fn read_all(store: &dyn EventStore, filter: &EventFilter, size: usize) -> Vec<RecordedEvent> {
    let head = store.head().await.expect("the head is known");
    let (mut read, mut read_to) = (Vec::new(), Position::START);
    while read_to < head {
        let page = store.read(filter, read_to, size).await.expect("a page is read");
        assert!(page.read_to > read_to, "reading behind {read_to} stands still before the end, {head}");
        assert!(page.events.len() <= size, "a page has {} events instead of {size}", page.events.len());
        read.extend(page.events);
        read_to = page.read_to;
    }
    read
}

/// The whole log.
pub(super) async fn log(store: &dyn EventStore) -> Vec<RecordedEvent> {
    let log = read_all(store, &EventFilter::everything(), 1000).await;
    assert_positions_have_no_gap(&log);
    log
}

pub(super) fn assert_positions_have_no_gap(log: &[RecordedEvent]) {
    let positions: Vec<u64> = log.iter().map(|event| event.position.0).collect();
    assert!(positions.iter().copied().eq(1..=log.len() as u64), "positions are not 1, 2, 3 …: {positions:?}");
}

/// A whole stream.
pub(super) async fn history(store: &dyn EventStore, stream: &StreamId) -> Vec<RecordedEvent> {
    store.read_stream(stream, Version::START, 100_000).await.expect("a stream is read")
}

/// Asserts that an append was refused because of a stream, and how.
pub(super) fn assert_conflict(
    outcome: Result<Appended, AppendError>,
    stream: &StreamId,
    expected: Expected,
    actual: Version,
) {
    match outcome {
        Err(AppendError::Conflict(conflict)) => {
            assert_eq!(conflict, Conflict::Stream { stream: stream.clone(), expected, actual });
        }
        other => panic!("`{stream}` is at {actual}, {expected:?} must be a conflict, not {other:?}"),
    }
}

/// Asserts that an append was refused because of an event that matches, at one of these positions.
pub(super) fn assert_match(outcome: Result<Appended, AppendError>, condition: &Condition, positions: &[u64]) {
    match (outcome, condition) {
        (
            Err(AppendError::Conflict(Conflict::Match { filter, after, found })),
            Condition::NoMatch { filter: asked, after: asked_after },
        ) => {
            assert_eq!((&*filter, after), (asked, *asked_after), "the conflict names the condition");
            assert!(positions.contains(&found.0), "{found} was found, {positions:?} match");
        }
        (other, _) => panic!("{positions:?} match, so it must be a conflict, not {other:?}"),
    }
}

/// Polls a future once, without waiting for it.
pub(super) async fn poll_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}
