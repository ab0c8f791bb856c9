//! S9: reading streams and the log, in bounded pages.

use super::{
    Fixture,
    s6_conditions::filled,
    sample::{append, event, events, history, log, read_all, stream, write},
};
use crate::store::{EventFilter, EventStore, Position, Selector, Version};

/// A stream from every version with every limit. Guards against an off-by-one at either end, and against a page that
/// ends early, which means the end of the stream.
pub async fn stream_is_read_from_a_version_with_a_limit(fixture: Fixture<dyn EventStore>) {
    const COUNT: u64 = 12;
    let store = fixture.store();
    let id = stream(1);
    for _ in 0..COUNT {
        write(&*store, append().event(event(&stream("other"), "a")).event(event(&id, "a"))).await;
    }
    for after in 0..=COUNT + 1 {
        for limit in [0, 1, 2, 5, 11, 12, 13, 1_000_000] {
            let read = store.read_stream(&id, Version(after), limit).await.expect("a stream is read");
            let versions: Vec<u64> = read.iter().map(|event| event.version.0).collect();
            let expected: Vec<u64> = (after + 1..=COUNT).take(limit).collect();
            assert_eq!(versions, expected, "behind {after}, at most {limit}");
        }
    }
    assert!(history(&*store, &stream("missing")).await.is_empty());
    let far = store.read_stream(&id, Version(i64::MAX as u64), 10).await.expect("a stream is read");
    assert!(far.is_empty());
}

/// Every kind of filter, in pages of every size, from every position. Guards against filters applied after the limit
/// without saying how far was read, and against pages that skip the rest of an append.
pub async fn filters_choose_the_same_in_pages_of_any_size(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    for (filter, positions) in filled(&*store).await {
        for size in [1, 2, 3, 100] {
            let read: Vec<u64> = read_all(&*store, &filter, size).await.iter().map(|event| event.position.0).collect();
            assert_eq!(read, positions, "{filter:?} in pages of {size}");
        }
        for after in 0..=5 {
            let page = store.read(&filter, Position(after), 2).await.expect("a page is read");
            let read: Vec<u64> = page.events.iter().map(|event| event.position.0).collect();
            let expected: Vec<u64> = positions.iter().copied().filter(|position| *position > after).take(2).collect();
            assert!(expected.starts_with(&read), "{filter:?} behind {after}: {read:?}");
        }
    }
}

/// How far a page says it has read. Guards against readers that stand still before matches that are rare, and against
/// ones that step over matches a full page had no room for.
pub async fn page_says_how_far_it_was_read(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (rare, common) = (stream("rare"), stream("common"));
    for number in 0..4 {
        write(&*store, events(&common, 30)).await;
        if number % 2 == 1 {
            write(&*store, append().event(event(&rare, "rare"))).await;
        }
    }
    let head = store.head().await.expect("the head is known");
    assert_eq!(head, Position(122));
    for filter in [EventFilter::types(["rare"]), EventFilter::any_of([Selector::default().stream(&rare)])] {
        let read = read_all(&*store, &filter, 1).await;
        assert_eq!(read.iter().map(|event| event.position.0).collect::<Vec<_>>(), [61, 122]);
        let full = store.read(&filter, Position::START, 1).await.expect("a page is read");
        assert!(full.read_to < Position(122), "a full page was read to {}, over a match", full.read_to);
    }
    let page = store.read(&EventFilter::everything(), head, 10).await.expect("a page is read");
    assert_eq!((page.events.len(), page.read_to), (0, head), "at the end");
    let page = store.read(&EventFilter::everything(), Position::START, 0).await.expect("a page is read");
    assert_eq!((page.events.len(), page.read_to), (0, Position::START), "no room, no progress");
    assert!(
        store.read(&EventFilter::everything(), Position(1000), 10).await.expect("a page is read").events.is_empty()
    );
}

/// A log longer than any page, with a filter that matches its last event only. Guards against batch readers that end
/// after one page and report success.
pub async fn long_log_is_read_to_its_end(fixture: Fixture<dyn EventStore>) {
    const COUNT: usize = 20_000;
    let store = fixture.store();
    for part in 0..4 {
        write(&*store, events(&stream(part), COUNT / 4)).await;
    }
    write(&*store, append().event(event(&stream("last"), "case.last"))).await;
    assert_eq!(log(&*store).await.len(), COUNT + 1);
    assert_eq!(read_all(&*store, &EventFilter::types(["case.last"]), 10).await.len(), 1);
    assert_eq!(history(&*store, &stream(3)).await.len(), COUNT / 4);
}
