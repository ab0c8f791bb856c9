//! The log: what is written comes back, bytes and all, and stays.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use cqrs_core::{
    Append, AppendError, Claim, Condition, Conflict, EventFilter, EventStore as _, Expected, Metadata, NewEvent,
    Position, RequestId, Tag, Version,
    store::{AlreadyClaimed, Appended, Selector},
};
use uuid::Uuid;

use crate::support::{Place, append, assert_gapless, event, read_all, stream, take, write};

fn tag(value: &str) -> Tag {
    Tag::new("tag", &value).unwrap()
}

#[tokio::test]
async fn everything_of_an_event_comes_back_and_survives_reopening() {
    let place = Place::new();
    let request = RequestId::random();
    let recorded_at = DateTime::<Utc>::from_timestamp(1_700_000_000, 123_456_789).unwrap();
    let mut metadata = Metadata::new(request, recorded_at);
    metadata.correlation_id = Uuid::now_v7();
    metadata.causation_id = Some(Uuid::now_v7());
    metadata.actor = Some("o'Brien \"\0\" ü".into());
    metadata.custom.insert("ratio".into(), serde_json::json!([0.1, 1.000_000_000_000_000_2, "\0'\""]));
    let name = stream("'; DROP TABLE events; --\"");
    // Not even valid UTF-8: a store gives back what it was given.
    let payload = Bytes::from_static(b"{\"text\":\"it's \\u0000 \0 \xff\"}");
    let mut append = Append::new(request, recorded_at)
        .event(NewEvent::new(&name, "thing.\"quoted\"", payload.clone()).tag(tag("b'\"")).tag(tag("a")));
    append.metadata = metadata.clone().into();

    let store = place.open().await;
    let receipt = write(&store, append.clone()).await.unwrap();
    assert_eq!(receipt, Appended { last: Position(1), count: 1, repeated: false });
    let written = read_all(&store).await;
    drop(store);

    let store = place.open().await;
    let events = store.read_stream(&name, Version::START, 10).await.unwrap();
    assert_eq!(events, written);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.position, event.version), (Position(1), Version(1)));
    assert_eq!(event.stream, name);
    assert_eq!(&*event.event_type, "thing.\"quoted\"");
    assert_eq!(event.payload, payload);
    assert_eq!(event.tags, [tag("b'\""), tag("a")]);
    assert_eq!(*event.metadata, metadata);

    assert_eq!(write(&store, append).await.unwrap(), Appended { repeated: true, ..receipt });
    assert_eq!(store.receipt(request).await.unwrap(), Some(Appended { repeated: true, ..receipt }));
    assert_eq!(store.head().await.unwrap(), Position(1));
}

#[tokio::test]
async fn moments_come_back_to_the_nanosecond() {
    let place = Place::new();
    let store = place.open().await;
    let leap_second = "2016-12-31T23:59:60.999999999Z".parse::<DateTime<Utc>>().unwrap();
    let moments = [
        DateTime::<Utc>::MIN_UTC,
        DateTime::<Utc>::MAX_UTC,
        DateTime::UNIX_EPOCH - TimeDelta::nanoseconds(1),
        leap_second,
    ];
    for moment in moments {
        let append = Append::new(RequestId::random(), moment).event(event(&stream("a")));
        write(&store, append).await.unwrap();
    }
    let read: Vec<_> = read_all(&store).await.iter().map(|event| event.metadata.recorded_at).collect();
    assert_eq!(read, moments);
}

#[tokio::test]
async fn each_append_of_a_batch_is_judged_on_its_own() {
    let place = Place::new();
    let store = place.open().await;
    let (a, b) = (stream("a"), stream("b"));
    let repeated = append().event(event(&b));
    let batch = [
        append().expect(&a, Expected::NoStream).claim(take("name", "x", &a)).event(event(&a)).event(event(&a)),
        append().expect(&a, Expected::Version(Version(1))).event(event(&a)),
        append().claim(take("name", "y", &b)).claim(take("name", "x", &b)).event(event(&b)),
        repeated.clone(),
        repeated,
        append().expect(&a, Expected::Version(Version(2))).expect(&b, Expected::Exists).claim(take("name", "y", &a)),
        append().expect(&a, Expected::Exists),
    ];
    let results = store.append(&batch).await.unwrap();
    let receipt = |last, count, repeated| Appended { last: Position(last), count, repeated };
    assert_eq!(*results[0].as_ref().unwrap(), receipt(2, 2, false));
    assert!(matches!(
        &results[1],
        Err(AppendError::Conflict(Conflict::Stream { stream, expected: Expected::Version(Version(1)), actual: Version(2) }))
            if *stream == a
    ));
    let claimed = AlreadyClaimed { key: "name".into(), value: "x".into(), holder: a.clone() };
    assert!(matches!(&results[2], Err(AppendError::AlreadyClaimed(error)) if *error == claimed));
    assert_eq!(*results[3].as_ref().unwrap(), receipt(3, 1, false));
    assert_eq!(*results[4].as_ref().unwrap(), receipt(3, 1, true));
    assert_eq!(*results[5].as_ref().unwrap(), receipt(3, 0, false));
    assert_eq!(*results[6].as_ref().unwrap(), receipt(3, 0, false));
    // `y`, which the third append took before it failed, was free for the sixth.
    assert_eq!(store.holder("name", "y").await.unwrap(), Some(a));
    assert_gapless(&read_all(&store).await);
}

#[tokio::test]
async fn claims_are_replaced_and_released() {
    let place = Place::new();
    let store = place.open().await;
    let (a, b) = (stream("a"), stream("b"));
    let nul = "\0'";
    write(&store, append().claim(take("k", "1", &a)).claim(take("k", nul, &a)).claim(take("other", "1", &a)))
        .await
        .unwrap();
    assert_eq!(store.holder("k", nul).await.unwrap(), Some(a.clone()));
    assert_eq!(store.holder("k", "\0").await.unwrap(), None);
    // Taking what one holds is no conflict; replacing gives the rest back.
    write(&store, append().claim(Claim::Replace { key: "k".into(), value: "1".into(), holder: a.clone() }))
        .await
        .unwrap();
    assert_eq!(store.holder("k", nul).await.unwrap(), None);
    let release =
        |value: Option<&str>, holder| Claim::Release { key: "k".into(), value: value.map(Into::into), holder };
    write(&store, append().claim(release(Some("1"), b.clone())).claim(release(None, b.clone()))).await.unwrap();
    assert_eq!(store.holder("k", "1").await.unwrap(), Some(a.clone()));
    // Given back and taken within one append.
    write(&store, append().claim(release(None, a.clone())).claim(take("k", "1", &b))).await.unwrap();
    assert_eq!(store.holder("k", "1").await.unwrap(), Some(b));
    assert_eq!(store.holder("other", "1").await.unwrap(), Some(a));
}

/// Twelve events over three streams, two types and two tags, and every kind of filter in pages of every size.
#[tokio::test]
async fn filters_choose_what_the_contract_says_in_pages_of_any_size() {
    let place = Place::new();
    let store = place.open().await;
    for n in 0..12 {
        let mut event = NewEvent::new(&stream(["a", "b", "c"][n % 3]), ["one", "two"][n / 2 % 2], "{}");
        for (value, every) in [("x", 2), ("y", 3)] {
            if n % every == 0 {
                event = event.tag(tag(value)).tag(tag(value));
            }
        }
        write(&store, append().event(event)).await.unwrap();
    }
    let all = read_all(&store).await;
    let any = Selector::default;
    let filters = [
        EventFilter::everything(),
        EventFilter::types(["one"]),
        EventFilter::types(["none"]),
        EventFilter::any_of([any()]),
        EventFilter::any_of([any().stream(&stream("a")).stream(&stream("c"))]),
        EventFilter::any_of([any().stream(&stream("b")).event_type("two")]),
        EventFilter::any_of([any().tag(tag("x"))]),
        EventFilter::any_of([any().tag(tag("x")).tag(tag("y"))]),
        EventFilter::any_of([any().tag(tag("y")).stream(&stream("a")).event_type("one")]),
        EventFilter::any_of([any().tag(tag("x")), any().stream(&stream("a")), any().tag(tag("y"))]),
        EventFilter::any_of([any().tag(tag("y")), any().event_type("two")]),
        EventFilter::any_of([any().tag(tag("nobody")), any().stream(&stream("nobody"))]),
    ];
    for filter in filters {
        for after in 0..=13 {
            let expected: Vec<_> =
                all.iter().filter(|event| event.position.0 > after && filter.chooses(event)).cloned().collect();
            for limit in 1..=13 {
                let mut found = Vec::new();
                let mut read_to = Position(after);
                loop {
                    let page = store.read(&filter, read_to, limit).await.unwrap();
                    assert!(page.events.len() <= limit);
                    let (from, to) = (read_to, page.read_to);
                    assert!(page.events.iter().all(|event| event.position > from && event.position <= to));
                    found.extend(page.events);
                    if page.read_to == read_to {
                        break;
                    }
                    read_to = page.read_to;
                }
                assert_eq!(found, expected, "{filter:?} after {after} by {limit}");
                assert_eq!(read_to, Position(after.max(12)));
            }
            let condition = Condition::NoMatch { filter: filter.clone(), after: Position(after) };
            let judged = write(&store, append().when(condition)).await;
            match (expected.first(), judged) {
                (None, Ok(_)) => {}
                (Some(first), Err(AppendError::Conflict(Conflict::Match { found, .. }))) => {
                    assert_eq!(found, first.position, "{filter:?} after {after}");
                }
                (expected, judged) => panic!("{filter:?} after {after}: {expected:?} {judged:?}"),
            }
        }
        let page = store.read(&filter, Position::START, 0).await.unwrap();
        assert_eq!((page.events.len(), page.read_to), (0, Position::START));
    }
}

#[tokio::test]
async fn a_stream_is_read_in_parts_and_no_limit_is_too_large() {
    let place = Place::new();
    let store = place.open().await;
    let a = stream("a");
    write(&store, (0..10).fold(append(), |append, _| append.event(event(&a)))).await.unwrap();
    let versions = async |after, limit| -> Vec<u64> {
        store.read_stream(&a, Version(after), limit).await.unwrap().iter().map(|event| event.version.0).collect()
    };
    assert_eq!(versions(0, 3).await, [1, 2, 3]);
    assert_eq!(versions(8, 3).await, [9, 10]);
    assert_eq!(versions(10, 3).await, [0; 0]);
    assert_eq!(versions(u64::MAX, 3).await, [0; 0]);
    assert_eq!(versions(0, 0).await, [0; 0]);
    assert_eq!(versions(0, usize::MAX).await.len(), 10);
    let everything = EventFilter::everything();
    assert_eq!(store.read(&everything, Position::START, usize::MAX).await.unwrap().events.len(), 10);
    assert_eq!(store.read(&everything, Position(u64::MAX), 1).await.unwrap().read_to, Position(u64::MAX));
}

/// A page ends where its payloads become too many for memory, whatever the limit says.
#[tokio::test]
async fn pages_of_large_events_are_small() {
    let place = Place::new();
    let store = place.open().await;
    let large = |id| NewEvent::new(&stream(id), "thing.grew", vec![b' '; 7 * 1024 * 1024]).tag(tag("large"));
    for id in ["a", "b", "a", "b", "a"] {
        write(&store, append().event(large(id))).await.unwrap();
    }
    let by_tag = EventFilter::any_of([Selector::default().tag(tag("large"))]);
    let by_stream = EventFilter::any_of([Selector::default().stream(&stream("b")).stream(&stream("a"))]);
    for filter in [EventFilter::everything(), by_tag, by_stream] {
        let mut after = Position::START;
        let mut pages = Vec::new();
        while after < Position(5) {
            let page = store.read(&filter, after, 100).await.unwrap();
            pages.push(page.events.iter().map(|event| event.position.0).collect::<Vec<_>>());
            after = page.read_to;
        }
        assert_eq!(pages, [vec![1, 2, 3], vec![4, 5]], "{filter:?}");
    }
}
