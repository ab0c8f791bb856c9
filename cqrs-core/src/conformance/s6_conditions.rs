//! S6: what an append expects of streams and of the log, judged under the lock of the write.

use super::{
    Fixture,
    sample::{
        append, assert_conflict, assert_match, event, events, history, log, no_match, stream, submit, submit_all, tag,
        under, write,
    },
};
use crate::store::{
    Append, AppendError, Appended, Condition, Conflict, EventFilter, EventStore, Expected, Position, RequestId,
    Selector, Version,
};

const EXPECTATIONS: [Expected; 9] = [
    Expected::Any,
    Expected::NoStream,
    Expected::Exists,
    Expected::Version(Version(0)),
    Expected::Version(Version(1)),
    Expected::Version(Version(2)),
    Expected::Version(Version(3)),
    Expected::Version(Version(i64::MAX as u64)),
    Expected::Version(Version(u64::MAX)),
];

/// Every expectation of streams with no, one and two events, with and without events to write. Guards against
/// expectations that are checked only when their stream is written to.
pub async fn every_expectation_is_judged(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    for (number, expected) in EXPECTATIONS.into_iter().enumerate() {
        for there in 0..3 {
            let id = stream(format_args!("{number}-{there}"));
            if there > 0 {
                write(&*store, events(&id, there)).await;
            }
            let actual = Version(there as u64);
            let confirmation = submit(&*store, append().expect(&id, expected)).await;
            let elsewhere = submit(&*store, events(&stream("elsewhere"), 1).expect(&id, expected)).await;
            let written = submit(&*store, events(&id, 1).expect(&id, expected)).await;
            for outcome in [confirmation, elsewhere, written] {
                if expected.holds(actual) {
                    outcome.unwrap_or_else(|error| panic!("{expected:?} holds at {actual}: {error}"));
                } else {
                    assert_conflict(outcome, &id, expected, actual);
                }
            }
        }
    }
    log(&*store).await;
}

/// Several conditions must all hold, whatever their order, and those of an append are judged before its own events.
pub async fn all_conditions_must_hold(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    write(&*store, events(&one, 1)).await;

    let unit = || events(&two, 1).expect(&two, Expected::NoStream);
    let wrong = Expected::Version(Version(2));
    assert_conflict(submit(&*store, unit().expect(&one, wrong)).await, &one, wrong, Version(1));
    let first = append().expect(&one, wrong).expect(&two, Expected::NoStream).event(event(&two, "a"));
    assert_conflict(submit(&*store, first).await, &one, wrong, Version(1));
    let own = no_match(&EventFilter::types(["case.happened"]), Position(1));
    write(&*store, unit().expect(&one, Expected::Exists).when(own)).await;
    assert_eq!(history(&*store, &two).await.len(), 1);
}

/// An append that was decided on what another leaves is written only if that one was, in the same batch and later.
/// Guards against a stranger's event that takes the other's place: the version is as expected, and the state is not.
pub async fn appends_build_on_appends_that_were_written(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    let expect = |version| Expected::Version(Version(version));
    let first = events(&id, 1).expect(&id, Expected::NoStream);
    let second = events(&id, 1).expect(&id, expect(1)).when(Condition::Written { request: first.request });
    let outcomes = submit_all(&*store, &[first.clone(), second.clone()]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");

    let refused = events(&id, 1).expect(&id, expect(1));
    let built_on = |append: &Append| Condition::Written { request: append.request };
    let stranger = events(&id, 1);
    let follower = events(&id, 1).expect(&id, expect(3)).when(built_on(&refused));
    let confirming = append().expect(&id, expect(3)).when(built_on(&refused));
    let batch = [refused.clone(), stranger, follower.clone(), confirming];
    let [conflict, written, following, confirmed] = submit_all(&*store, &batch).await.try_into().expect("four answers");
    assert_conflict(conflict, &id, expect(1), Version(2));
    written.expect("it expects nothing");
    for outcome in [following, confirmed, submit(&*store, follower).await] {
        let unwritten = Conflict::Unwritten { request: refused.request };
        assert!(matches!(&outcome, Err(AppendError::Conflict(conflict)) if *conflict == unwritten), "{outcome:?}");
    }
    write(&*store, events(&id, 1).expect(&id, expect(3)).when(built_on(&second))).await;
    assert_eq!(log(&*store).await.len(), 4);

    // What was decided on a repetition was decided on events that were not written again.
    let follower = events(&id, 1).when(built_on(&second));
    let [repeated, following] = submit_all(&*store, &[second.clone(), follower]).await.try_into().expect("two answers");
    assert!(repeated.expect("it was written before").repeated);
    let unwritten = Conflict::Unwritten { request: second.request };
    assert!(matches!(&following, Err(AppendError::Conflict(conflict)) if *conflict == unwritten), "{following:?}");
}

/// The log that the query conditions are tried on: types, streams and tags in every combination.
async fn fill(store: &dyn EventStore) {
    let (one, two) = (stream(1), stream(2));
    let (red, round) = (tag("colour", "red"), tag("shape", "round"));
    let unit = append()
        .event(event(&one, "a"))
        .event(event(&one, "b").tag(red.clone()))
        .event(event(&two, "a").tag(round.clone()))
        .event(event(&two, "b").tag(round.clone()).tag(red.clone()))
        .event(event(&one, "a").tag(red).tag(tag("colour", "blue")).tag(round));
    write(store, unit).await;
}

/// Filters over that log, and the positions they choose.
pub(super) fn filters() -> Vec<(EventFilter, Vec<u64>)> {
    let any = Selector::default;
    let (one, two) = (stream(1), stream(2));
    let (red, round) = (tag("colour", "red"), tag("shape", "round"));
    let one_of = |selector| EventFilter::any_of([selector]);
    vec![
        (EventFilter::everything(), vec![1, 2, 3, 4, 5]),
        (one_of(any()), vec![1, 2, 3, 4, 5]),
        (EventFilter::types(["a"]), vec![1, 3, 5]),
        (EventFilter::types(["b", "a"]), vec![1, 2, 3, 4, 5]),
        (EventFilter::types(["c"]), vec![]),
        (EventFilter::types(["A", "a%", "_"]), vec![]),
        (one_of(any().stream(&one)), vec![1, 2, 5]),
        (one_of(any().stream(&one).stream(&two)), vec![1, 2, 3, 4, 5]),
        (one_of(any().stream(&stream(3))), vec![]),
        (one_of(any().tag(red.clone())), vec![2, 4, 5]),
        (one_of(any().tag(red.clone()).tag(round.clone())), vec![4, 5]),
        (one_of(any().tag(tag("colour", "blue")).tag(red.clone())), vec![5]),
        (one_of(any().tag(tag("colour", "green")).tag(red.clone())), vec![]),
        (one_of(any().tag(tag("colour", "re"))), vec![]),
        (one_of(any().event_type("a").stream(&one)), vec![1, 5]),
        (one_of(any().event_type("b").tag(red.clone())), vec![2, 4]),
        (one_of(any().stream(&two).tag(red.clone())), vec![4]),
        (one_of(any().event_type("a").event_type("b").stream(&one).stream(&two).tag(round.clone())), vec![3, 4, 5]),
        (EventFilter::any_of([any().event_type("b").stream(&one), any().tag(round.clone())]), vec![2, 3, 4, 5]),
        (EventFilter::any_of([any().stream(&two), any().stream(&two).tag(red)]), vec![3, 4]),
        (EventFilter::any_of([any().event_type("c"), any().tag(round), any().event_type("a")]), vec![1, 3, 4, 5]),
    ]
}

/// Fills a store and gives the filters to try on it.
pub(super) async fn filled(store: &dyn EventStore) -> Vec<(EventFilter, Vec<u64>)> {
    fill(store).await;
    filters()
}

/// Every kind of filter, behind every position, with and without events to write. Guards against a translation into a
/// query language that takes `any` for `all`, or a position as included.
pub async fn query_conditions_are_judged(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    for (filter, positions) in filled(&*store).await {
        for after in 0..=5 {
            let condition = no_match(&filter, Position(after));
            let behind: Vec<u64> = positions.iter().copied().filter(|position| *position > after).collect();
            let outcome = submit(&*store, append().when(condition.clone())).await;
            if behind.is_empty() {
                outcome.unwrap_or_else(|error| panic!("nothing matches {condition:?}: {error}"));
            } else {
                assert_match(outcome, &condition, &behind);
                assert_match(submit(&*store, events(&stream(9), 1).when(condition.clone())).await, &condition, &behind);
            }
        }
    }
    assert_eq!(log(&*store).await.len(), 5);
}

/// A query condition sees the events of appends before it in the same batch. Guards against boundaries checked once a
/// batch.
pub async fn query_conditions_see_their_batch(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let seat = tag("seat", 12);
    let condition = no_match(&EventFilter::any_of([Selector::default().tag(seat.clone())]), Position::START);
    let batch: Vec<Append> = (0..6)
        .map(|guest| append().when(condition.clone()).event(event(&stream(guest), "seat.taken").tag(seat.clone())))
        .collect();
    let mut outcomes = submit_all(&*store, &batch).await.into_iter();
    outcomes.next().expect("six outcomes").expect("the first guest gets the seat");
    for outcome in outcomes {
        assert_match(outcome, &condition, &[1]);
    }
}

/// An append of conditions alone confirms, or says what has changed; it writes nothing and is not remembered, so that
/// the same question is answered anew. Guards against a stale yes.
pub async fn conditions_alone_are_confirmed_and_forgotten(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream(1);
    let condition = no_match(&EventFilter::types(["case.happened"]), Position(2));
    let question = append().expect(&id, Expected::Version(Version(2))).when(condition);
    assert_conflict(submit(&*store, question.clone()).await, &id, Expected::Version(Version(2)), Version(0));
    write(&*store, events(&id, 2)).await;
    let confirmed = Appended { last: Position(2), count: 0, repeated: false };
    for _ in 0..2 {
        assert_eq!(write(&*store, question.clone()).await, confirmed);
    }
    assert_eq!(store.receipt(question.request).await.expect("receipts are read"), None);

    write(&*store, events(&id, 1)).await;
    assert_conflict(submit(&*store, question.clone()).await, &id, Expected::Version(Version(2)), Version(3));
    let answer = under(question.request, events(&id, 1));
    assert!(!write(&*store, answer).await.repeated, "a question does not use up its request id");
    assert_eq!(log(&*store).await.len(), 4);
}

/// An append of nothing at all is confirmed. Guards against empty statements that no database parses.
pub async fn empty_append_and_empty_batch_are_answered(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    assert!(submit_all(&*store, &[]).await.is_empty());
    assert_eq!(write(&*store, append()).await, Appended { last: Position::START, count: 0, repeated: false });
    assert_eq!(store.receipt(RequestId::random()).await.expect("receipts are read"), None);
    let batch = [append(), events(&stream(1), 1), append()];
    let lasts: Vec<u64> = submit_all(&*store, &batch)
        .await
        .into_iter()
        .map(|outcome: Result<Appended, AppendError>| outcome.expect("nothing is refused").last.0)
        .collect();
    assert_eq!(lasts, [0, 1, 1]);
}
