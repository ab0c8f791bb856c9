//! S8: the same request again returns the first receipt and writes nothing.

use super::{
    Fixture,
    race::{Gate, race},
    sample::{append, event, events, history, log, no_match, release, stream, submit_all, take, under, write},
};
use crate::store::{Append, Appended, EventFilter, EventStore, Expected, Position, Version};

fn again(first: Appended) -> Appended {
    Appended { repeated: true, ..first }
}

/// Asserts that the store remembers a request.
async fn assert_receipt(store: &dyn EventStore, unit: &Append, first: Appended) {
    let receipt = store.receipt(unit.request).await.expect("receipts are read").expect("the request is remembered");
    assert_eq!((receipt.last, receipt.count), (first.last, first.count));
}

/// A request repeated at once, later, with other content and through another handle. Guards against the lost answer:
/// a caller that repeats a commit whose outcome it never heard of writes everything twice.
pub async fn repeated_request_writes_nothing(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    write(&*store, events(&two, 4)).await;
    let unit = events(&one, 2).expect(&one, Expected::NoStream).claim(take("name", "x", &one));
    let first = write(&*store, unit.clone()).await;
    assert_eq!(first, Appended { last: Position(6), count: 2, repeated: false });
    assert_eq!(write(&*store, unit.clone()).await, again(first));

    write(&*store, events(&one, 3)).await;
    write(&*store, append().claim(release("name", "x", &one))).await;
    let other = fixture.another().await;
    assert_eq!(write(&*other, unit.clone()).await, again(first), "a request is known to every handle");
    let changed = under(unit.request, events(&two, 7).claim(take("name", "y", &two)));
    assert_eq!(write(&*store, changed).await, again(first), "whatever else the repetition asks");
    assert_receipt(&*other, &unit, first).await;
    assert_eq!(log(&*store).await.len(), 9);
    for value in ["x", "y"] {
        assert_eq!(store.holder("name", value).await.expect("claims are read"), None, "of `{value}`");
    }
}

/// A repetition is answered before its conditions are judged, which its own first time has made false. Guards against
/// a conflict with oneself.
pub async fn repetition_is_answered_before_its_conditions(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    let unit = append()
        .expect(&id, Expected::NoStream)
        .when(no_match(&EventFilter::everything(), Position::START))
        .event(event(&id, "a"));
    let first = write(&*store, unit.clone()).await;
    assert_eq!(write(&*store, unit.clone()).await, again(first));
    let bare = under(unit.request, append().expect(&id, Expected::Version(Version(9))));
    assert_eq!(write(&*store, bare).await, again(first));
    assert_eq!(history(&*store, &id).await.len(), 1);
}

/// A request twice in one batch. Guards against a memory that is consulted once a batch.
pub async fn request_is_known_within_its_batch(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    let unit = events(&one, 2).expect(&one, Expected::NoStream);
    let refused = events(&two, 1).expect(&two, Expected::Exists);
    let retried = Append { conditions: Vec::new(), ..refused.clone() };
    let batch = [unit.clone(), refused, events(&two, 1), unit.clone(), retried.clone(), retried];
    let outcomes = submit_all(&*store, &batch).await;
    let answers: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().ok().map(|receipt| (receipt.last.0, receipt.repeated)))
        .collect();
    let expected = [Some((2, false)), None, Some((3, false)), Some((2, true)), Some((4, false)), Some((4, true))];
    assert_eq!(answers, expected, "last position and whether it is a repetition");
    assert_eq!(log(&*store).await.len(), 4);
}

/// One request from many tasks at once: written once, and all get the same receipt.
async fn one_of_many_writes(fixture: &Fixture<dyn EventStore>, unit: &Append) {
    const CALLERS: usize = 16;
    let handles: Vec<_> = fixture.handles().await.take(CALLERS).collect();
    let receipts = race(CALLERS, Gate::After, |caller, line| {
        let (store, unit) = (handles[caller].clone(), unit.clone());
        async move {
            line.at(Gate::After).await;
            write(&*store, unit).await
        }
    })
    .await;
    assert_eq!(receipts.iter().filter(|receipt| !receipt.repeated).count(), 1, "one of {CALLERS} writes");
    for receipt in &receipts {
        assert_eq!((receipt.last, receipt.count), (receipts[0].last, receipts[0].count), "all get the same receipt");
    }
    assert_receipt(&*handles[0], unit, receipts[0]).await;
}

/// The same request from many tasks at once, with events. Guards against a memory written after the events.
pub async fn one_of_many_repetitions_writes(fixture: Fixture<dyn EventStore>) {
    for number in 0..8 {
        let id = stream(number);
        one_of_many_writes(&fixture, &events(&id, 2).expect(&id, Expected::NoStream)).await;
        assert_eq!(history(&*fixture.store(), &id).await.len(), 2);
    }
    assert_eq!(log(&*fixture.store()).await.len(), 16);
}

/// Requests that change claims and write no event are remembered too. Guards against a memory that hangs on events: a
/// repeated release would then free a value that somebody else has been given meanwhile.
pub async fn requests_of_claims_alone_are_remembered(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    write(&*store, events(&id, 3)).await;
    let unit = append().claim(take("name", "x", &id));
    one_of_many_writes(&fixture, &unit).await;
    assert_receipt(&*store, &unit, Appended { last: Position(3), count: 0, repeated: true }).await;

    let freeing = append().claim(release("name", "x", &id));
    let first = write(&*store, freeing.clone()).await;
    assert_eq!(first, Appended { last: Position(3), count: 0, repeated: false });
    write(&*store, events(&id, 1).claim(take("name", "x", &id))).await;
    assert_eq!(write(&*store, freeing).await, again(first));
    assert_eq!(store.holder("name", "x").await.expect("claims are read"), Some(id));
}
