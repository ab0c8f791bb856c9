//! S10: what was written is read, to the byte, however odd it is.

use std::sync::Arc;

use bytes::Bytes;
use chrono::DateTime;
use serde_json::json;
use uuid::Uuid;

use super::{
    Fixture,
    sample::{append, history, log, stream, write},
};
use crate::store::{
    Append, EventFilter, EventStore, MAX_NAME_BYTES, Metadata, NewEvent, Position, RequestId, Selector, StreamId, Tag,
};

/// Writes an append and asserts that log and stream give it back as it was.
async fn assert_round_trip(store: &dyn EventStore, unit: Append) {
    let receipt = write(store, unit.clone()).await;
    let log = log(store).await;
    let read: Vec<_> = log.iter().filter(|event| event.metadata.request == unit.request).cloned().collect();
    assert_eq!(read.len(), unit.events.len(), "every event is read");
    for (event, new) in read.iter().zip(&unit.events) {
        assert_eq!(event.payload, new.payload);
        assert_eq!((&event.stream, &event.event_type), (&new.stream, &new.event_type));
        assert_eq!(event.tags, new.tags);
        assert_eq!(event.metadata, unit.metadata);
    }
    assert_eq!(read.last().map(|event| event.position), Some(receipt.last));
    let id = &unit.events[0].stream;
    let of_stream: Vec<_> = log.iter().filter(|event| event.stream == *id).cloned().collect();
    assert!(history(store, id).await == of_stream, "stream and log show `{id}` alike");
}

/// Payloads come back byte by byte. Guards against columns that parse JSON: they refuse `\u0000`, reorder keys, drop
/// doubled ones and respell numbers.
pub async fn payloads_are_kept_to_the_byte(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let payloads = [
        r"{}",
        r"null",
        r#""text""#,
        r"[1,2,3]",
        r#"{"b":1,"a":2,"aa":3}"#,
        r#"{"a":1,"a":2}"#,
        r#"{ "blanks" :  [ 1 , 2 ]  }"#,
        r#"{"numbers":[1.50,1e2,-0.0,12345678901234567890,0.1000000000000000055511151231257827]}"#,
        r#"{"nul":"a\u0000b","escaped":"\ud83e\udd80\/\n\"\\"}"#,
        r#"{"plain":"🦀 ä ''; DROP TABLE events; -- $1 ?1 %s {}"}"#,
    ];
    let id = stream("odd");
    let unit = payloads.iter().fold(append(), |unit, payload| unit.event(NewEvent::new(&id, "case.odd", *payload)));
    assert_round_trip(&*store, unit).await;

    let large = format!("{{\"text\":\"{}\"}}", "0123456789abcdef".repeat(64 * 1024));
    let unit = append().event(NewEvent::new(&stream("large"), "case.large", Bytes::from(large))).event(NewEvent::new(
        &stream("large"),
        "case.small",
        "{}",
    ));
    assert_round_trip(&*store, unit).await;
}

/// Who, when and why come back as they were: to the nanosecond, with every character. Guards against timestamps cut to
/// what a column holds, and against ids made anew when read.
pub async fn metadata_is_kept_whole(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let custom = json!({
        "": "an empty key", "O'Brien \"quoted\" \\": "'", "nul": "a\u{0}b", "deep": {"list": [1, null, true, {"x": []}]},
        "numbers": [u64::MAX, i64::MIN, 1.5, 0.1, 1e300], "crab": "🦀",
    });
    let moments = [(1_700_000_000, 123_456_789), (0, 0), (-1, 999_999_999), (253_402_300_799, 1), (-62_135_596_800, 0)];
    for (number, (seconds, nanos)) in moments.into_iter().enumerate() {
        let request = RequestId::random();
        let mut metadata = Metadata::new(request, DateTime::from_timestamp(seconds, nanos).expect("a moment in range"));
        if number % 2 == 0 {
            metadata.correlation_id = Uuid::from_u128(7);
            metadata.causation_id = Some(Uuid::max());
            metadata.actor = Some("O'Brien \"the \\ ö 🦀\"".into());
            metadata.custom = custom.as_object().cloned().expect("an object");
        } else {
            metadata.actor = Some("".into());
        }
        let unit = Append { request, metadata: Arc::new(metadata), ..append() };
        let id = stream("meta");
        assert_round_trip(&*store, unit.event(NewEvent::new(&id, "a", "{}")).event(NewEvent::new(&id, "b", "{}")))
            .await;
    }
}

/// Names of the greatest length, in every script, and as many tags as allowed. Guards against index entries that are
/// too long, and against tags joined by a separator that one of them holds.
pub async fn names_of_any_kind_are_kept(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let long_id = StreamId::of("c", &"x".repeat(MAX_NAME_BYTES - 2)).expect("a valid id");
    let wide_id = StreamId::of("c", &"ä".repeat(MAX_NAME_BYTES / 2 - 1)).expect("a valid id");
    let long_type = "t".repeat(MAX_NAME_BYTES);
    let long_tags = (0..64).map(|number| Tag::new("k", &format_args!("{number:0>510}")).expect("a valid tag"));
    let odd = ["a,b", "a|b", "a\nb", "{a}", "'", "\"", "\\", "a:b", "%", "🦀", " ", "[1]", "a\u{1f}b"];
    let odd_tags = odd.iter().map(|value| Tag::new("odd", value).expect("a valid tag"));
    let unit = append()
        .event(NewEvent { tags: long_tags.collect(), ..NewEvent::new(&long_id, &*long_type, "{}") })
        .event(NewEvent { tags: odd_tags.collect(), ..NewEvent::new(&wide_id, "O'Brien \"typed\"", "{}") });
    assert_round_trip(&*store, unit.clone()).await;
    for event in &unit.events {
        for tag in &event.tags {
            let filter = EventFilter::any_of([Selector::default().tag(tag.clone())]);
            let page = store.read(&filter, Position::START, 10).await.expect("a page is read");
            assert_eq!(page.events.len(), 1, "events tagged {tag:?}");
            assert_eq!(page.events[0].stream, event.stream);
        }
    }
}
