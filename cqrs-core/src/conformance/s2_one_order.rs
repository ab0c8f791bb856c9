//! S2: every event gets the next position, in commit order; who has read up to a position has seen everything up to it.

use std::{collections::HashMap, sync::Arc};

use super::{
    Fixture,
    race::all,
    sample::{append, event, events, log, no_match, stream, submit, submit_all, tag, write},
};
use crate::store::{Append, EventFilter, EventStore, Expected, Position, RecordedEvent, Selector, Version};

/// Refused, repeated and confirming appends use up no position. Guards against sequences, which leave a gap wherever a
/// transaction is rolled back: readers then wait for what never comes, or skip what does.
pub async fn what_writes_nothing_leaves_no_gap(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    for number in 1..=12 {
        let unit = events(&id, 1).expect(&id, Expected::Version(Version(number - 1)));
        assert_eq!(write(&*store, unit.clone()).await.last, Position(number));
        submit(&*store, events(&id, 3).expect(&id, Expected::NoStream)).await.expect_err("a conflict");
        let everything = no_match(&EventFilter::everything(), Position::START);
        submit(&*store, events(&id, 1).when(everything)).await.expect_err("a match");
        assert!(write(&*store, unit).await.repeated);
        let confirmation = write(&*store, append().expect(&id, Expected::Exists)).await;
        assert_eq!((confirmation.last, confirmation.first()), (Position(number), None));
        assert_eq!(store.head().await.expect("the head is known"), Position(number));
    }
    assert_eq!(log(&*store).await.len(), 12);
}

const WRITERS: usize = 8;
const ROUNDS: usize = 20;

/// What one writer gives the store in one round, and how many events of it are written.
fn round(writer: usize, round: usize) -> ([Append; 3], u64) {
    let (own, shared) = (stream(writer), stream("shared"));
    let count = 1 + round % 3;
    let marked = |number| {
        let unit = event(&own, if number % 2 == 0 { "case.even" } else { "case.odd" });
        if (writer + round).is_multiple_of(3) { unit.tag(tag("third", "yes")) } else { unit }
    };
    let first = (0..count).fold(append(), |unit, number| unit.event(marked(number)));
    let refused = events(&shared, 2).expect(&own, Expected::NoStream);
    ([first, refused, events(&shared, 1)], count as u64 + 1)
}

/// Reads everything that matches up to position `total` while it is written, and checks each page.
async fn follow(store: Arc<dyn EventStore>, filter: EventFilter, size: usize, total: u64) -> Vec<RecordedEvent> {
    let (mut seen, mut read_to) = (Vec::new(), Position::START);
    while read_to.0 < total {
        let page = store.read(&filter, read_to, size).await.expect("a page is read");
        assert!(page.events.len() <= size, "a page has {} events instead of {size}", page.events.len());
        for event in &page.events {
            assert!(read_to < event.position && event.position <= page.read_to, "{} is misplaced", event.position);
        }
        if filter.is_everything() {
            let positions: Vec<u64> = page.events.iter().map(|event| event.position.0).collect();
            let expected: Vec<u64> = (read_to.0 + 1..=page.read_to.0).collect();
            assert_eq!(positions, expected, "a page behind {read_to} has a gap");
        }
        seen.extend(page.events);
        if page.read_to == read_to {
            let reached = store.wait_beyond(read_to).await.expect("a reader can wait");
            assert!(reached > read_to, "the wait behind {read_to} ended at {reached}");
        }
        read_to = page.read_to;
    }
    seen
}

/// Readers page through the log while many write, and none meets a gap or misses a position that came late. Guards
/// against positions taken before the commit, and against cursors made of clocks or transaction ids: the silent loss
/// that most published stores have.
pub async fn readers_beside_many_writers_miss_nothing(fixture: Fixture<dyn EventStore>) {
    let total = (0..WRITERS).flat_map(|writer| (0..ROUNDS).map(move |number| round(writer, number).1)).sum();
    let filters = [
        (EventFilter::everything(), 7),
        (EventFilter::everything(), 1000),
        (EventFilter::types(["case.odd", "case.missing"]), 3),
        (EventFilter::any_of([Selector::default().tag(tag("third", "yes"))]), 5),
        (
            EventFilter::any_of([
                Selector::default().stream(&stream("shared")),
                Selector::default().stream(&stream(3)),
            ]),
            9,
        ),
    ];
    let mut handles = fixture.handles().await;
    let readers: Vec<_> = filters
        .iter()
        .zip(&mut handles)
        .map(|((filter, size), store)| tokio::spawn(follow(store, filter.clone(), *size, total)))
        .collect();
    let receipts = all((0..WRITERS).zip(handles).map(|(writer, store)| async move {
        let mut receipts = Vec::new();
        for number in 0..ROUNDS {
            let (batch, _) = round(writer, number);
            let outcomes = submit_all(&*store, &batch).await;
            assert!(outcomes[1].is_err(), "the append in the middle is refused");
            receipts.extend([&batch[0], &batch[2]].map(|unit| unit.request).into_iter().zip(
                [&outcomes[0], &outcomes[2]].map(|outcome| outcome.as_ref().copied().expect("the append is written")),
            ));
        }
        receipts
    }))
    .await;

    let log = log(&*fixture.store()).await;
    assert_eq!(log.len() as u64, total);
    for ((filter, _), reader) in filters.iter().zip(readers) {
        let seen = reader.await.expect("no reader meets a gap");
        let matching: Vec<_> = log.iter().filter(|event| filter.chooses(event)).cloned().collect();
        assert_eq!(seen.len(), matching.len(), "events seen by a reader of {filter:?}");
        assert!(seen == matching, "a reader of {filter:?} saw other events than the log holds");
    }
    let requests: HashMap<_, _> = log.iter().map(|event| (event.position, event.metadata.request)).collect();
    for (request, receipt) in receipts.into_iter().flatten() {
        let first = receipt.first().expect("events were written");
        for position in first.0..=receipt.last.0 {
            assert_eq!(requests[&Position(position)], request, "the receipt names the positions of its events");
        }
    }
}
