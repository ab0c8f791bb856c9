//! S7: a unique value is taken, replaced or released in the append that says so, and has at most one holder.

use std::sync::Arc;

use super::{
    Fixture,
    race::{Gate, race},
    sample::{append, events, log, release, release_all, replace, stream, submit, submit_all, take, write},
};
use crate::store::{AlreadyClaimed, AppendError, Appended, Claim, EventStore, Expected, MAX_NAME_BYTES, StreamId};

fn assert_claimed(outcome: Result<Appended, AppendError>, key: &str, value: &str, holder: &StreamId) {
    match outcome {
        Err(AppendError::AlreadyClaimed(refused)) => {
            assert_eq!(refused, AlreadyClaimed { key: key.into(), value: value.into(), holder: holder.clone() });
        }
        other => panic!("{value:?} is held by `{holder}`, so it must be refused, not {other:?}"),
    }
}

async fn holder(store: &dyn EventStore, key: &str, value: &str) -> Option<StreamId> {
    store.holder(key, value).await.expect("claims are read")
}

async fn change(store: &dyn EventStore, claim: Claim) {
    write(store, append().claim(claim)).await;
}

/// The second taker is refused and told who holds the value; the holder may take it again; another key is another
/// matter. Guards against uniqueness checked from a read model.
pub async fn second_taker_is_told_the_holder(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    change(&*store, take("name", "x", &one)).await;
    assert_claimed(submit(&*store, append().claim(take("name", "x", &two))).await, "name", "x", &one);
    assert_claimed(submit(&*store, events(&two, 1).claim(replace("name", "x", &two))).await, "name", "x", &one);
    for again in [take("name", "x", &one), replace("name", "x", &one)] {
        change(&*store, again).await;
        assert_eq!(holder(&*store, "name", "x").await, Some(one.clone()));
    }
    change(&*store, take("nickname", "x", &two)).await;
    assert_eq!(holder(&*store, "nickname", "x").await, Some(two.clone()));
    assert_eq!(holder(&*store, "name", "y").await, None);
    assert_eq!(holder(&*store, "other", "x").await, None);
    assert!(log(&*store).await.is_empty(), "claims are no events");
}

/// Replacing gives back all else the holder has under the key, and nothing under another. Guards against a value that
/// nobody can ever take again.
pub async fn replacing_frees_what_was_held(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    for claim in
        [take("name", "a", &one), take("name", "b", &one), take("nickname", "a", &one), take("name", "d", &two)]
    {
        change(&*store, claim).await;
    }
    change(&*store, replace("name", "c", &one)).await;
    for (key, value, expected) in [
        ("name", "a", None),
        ("name", "b", None),
        ("name", "c", Some(&one)),
        ("name", "d", Some(&two)),
        ("nickname", "a", Some(&one)),
    ] {
        assert_eq!(holder(&*store, key, value).await.as_ref(), expected, "of {value:?} as `{key}`");
    }
    change(&*store, take("name", "a", &two)).await;

    change(&*store, take("name", "e", &one)).await;
    change(&*store, replace("name", "e", &one)).await;
    assert_eq!(holder(&*store, "name", "c").await, None, "replacing by a value one holds gives back the others");
    assert_eq!(holder(&*store, "name", "e").await, Some(one));
}

/// Releasing one value, all values, what another holds and what nobody holds. Guards against a release by anybody.
pub async fn only_the_holder_releases(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    for value in ["a", "b", "c"] {
        change(&*store, take("name", value, &one)).await;
    }
    change(&*store, take("nickname", "a", &one)).await;
    for without_effect in [
        release("name", "a", &two),
        release_all("name", &two),
        release("name", "z", &one),
        release("nickname", "b", &one),
        release_all("other", &one),
    ] {
        change(&*store, without_effect).await;
    }
    for value in ["a", "b", "c"] {
        assert_eq!(holder(&*store, "name", value).await.as_ref(), Some(&one), "of {value:?}");
    }

    change(&*store, release("name", "b", &one)).await;
    assert_eq!(holder(&*store, "name", "b").await, None);
    assert_eq!(holder(&*store, "name", "a").await.as_ref(), Some(&one));
    change(&*store, take("name", "b", &two)).await;
    change(&*store, release_all("name", &one)).await;
    assert_eq!(holder(&*store, "name", "a").await, None);
    assert_eq!(holder(&*store, "name", "c").await, None);
    assert_eq!(holder(&*store, "name", "b").await.as_ref(), Some(&two));
    assert_eq!(holder(&*store, "nickname", "a").await.as_ref(), Some(&one), "the other key is not touched");
}

/// The claims of one append are changed in their order. Guards against takes that are all checked before any release.
pub async fn claims_of_an_append_are_changed_in_order(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    change(&*store, take("name", "x", &one)).await;
    write(&*store, append().claim(release("name", "x", &one)).claim(take("name", "x", &two))).await;
    assert_eq!(holder(&*store, "name", "x").await.as_ref(), Some(&two));

    let wrong_order = append().claim(take("name", "x", &one)).claim(release("name", "x", &two));
    assert_claimed(submit(&*store, wrong_order).await, "name", "x", &two);
    let own = append().claim(take("name", "y", &one)).claim(take("name", "y", &two));
    assert_claimed(submit(&*store, own).await, "name", "y", &one);
    assert_eq!(holder(&*store, "name", "y").await, None);
    write(&*store, append().claim(take("name", "z", &one)).claim(release_all("name", &one))).await;
    assert_eq!(holder(&*store, "name", "z").await, None);
}

/// A value freed and taken, and taken twice, within one batch. Guards against claims checked by what was there before
/// the batch.
pub async fn claims_see_their_batch(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two, three) = (stream(1), stream(2), stream(3));
    change(&*store, take("name", "x", &one)).await;
    let batch = [
        append().claim(take("name", "x", &two)),
        append().claim(release("name", "x", &one)),
        append().claim(take("name", "x", &two)),
        append().claim(take("name", "x", &three)),
        append().claim(replace("name", "y", &two)),
        append().claim(take("name", "x", &three)),
    ];
    let mut outcomes = submit_all(&*store, &batch).await.into_iter();
    let mut next = || outcomes.next().expect("six outcomes");
    assert_claimed(next(), "name", "x", &one);
    next().expect("the value is released");
    next().expect("the free value is taken");
    assert_claimed(next(), "name", "x", &two);
    next().expect("the value is replaced");
    next().expect("the free value is taken");
    assert_eq!(holder(&*store, "name", "x").await, Some(three));
    assert_eq!(holder(&*store, "name", "y").await, Some(two));
}

/// A condition that fails is told before a claim that fails, and an append refused for either changes no claim.
pub async fn conditions_come_before_claims(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let (one, two) = (stream(1), stream(2));
    change(&*store, take("name", "x", &one)).await;
    let both = append().expect(&two, Expected::Exists).claim(release_all("name", &one)).claim(take("name", "x", &two));
    let refused = submit(&*store, both).await;
    assert!(matches!(refused, Err(AppendError::Conflict(_))), "the condition is judged first: {refused:?}");
    assert_eq!(holder(&*store, "name", "x").await, Some(one));
}

/// Many take one value at once, with and without events: one holds it, all others are told who. Guards against a check
/// and a write with room between them.
pub async fn one_of_many_takers_wins(fixture: Fixture<dyn EventStore>) {
    const TAKERS: usize = 16;
    let handles: Vec<_> = fixture.handles().await.take(TAKERS).collect();
    for round in 0..8 {
        let value = format!("alice{round}@example.com");
        let outcomes = race(TAKERS, Gate::After, |racer, line| {
            let (store, value) = (Arc::clone(&handles[racer]), value.clone());
            async move {
                let id = stream(format_args!("{round}-{racer}"));
                let claim = if racer % 2 == 0 { take("email", &value, &id) } else { replace("email", &value, &id) };
                line.at(Gate::After).await;
                submit(&*store, events(&id, round % 2).claim(claim)).await
            }
        })
        .await;
        let holder = holder(&*handles[0], "email", &value).await.expect("somebody holds it");
        for (racer, outcome) in outcomes.into_iter().enumerate() {
            if stream(format_args!("{round}-{racer}")) == holder {
                outcome.expect("the holder was told so");
            } else {
                assert_claimed(outcome, "email", &value, &holder);
            }
        }
    }
    assert_eq!(log(&*handles[0]).await.len(), 4, "only the winners of every second round wrote an event");
}

/// Values with quotes, NUL, blanks, patterns and every script, empty and of the greatest length, and told apart byte by
/// byte. Guards against texts pasted into statements and compared by collation.
pub async fn any_text_can_be_claimed(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let longest = "ß".repeat(Claim::MAX_VALUE_BYTES / 2);
    let almost = format!("{}s", "ß".repeat(Claim::MAX_VALUE_BYTES / 2 - 1));
    let values = [
        "", " ", "a", "A", "a ", "ä", "a\u{308}", "'", "''", "\"", "\\", "%", "_", "\0", "a\0", "a\0b", "\n", "🦀",
        "null", "$1", "?1", "{}", &*longest, &*almost,
    ];
    let long_key = "k".repeat(MAX_NAME_BYTES);
    for key in ["user.email", "O'Brien \"key\"", &long_key] {
        for (number, value) in values.iter().enumerate() {
            change(&*store, take(key, value, &stream(number))).await;
        }
        for (number, value) in values.iter().enumerate() {
            assert_eq!(holder(&*store, key, value).await, Some(stream(number)), "of {value:?}");
            let refused = submit(&*store, append().claim(take(key, value, &stream("other")))).await;
            assert_claimed(refused, key, value, &stream(number));
        }
        for (number, value) in values.iter().enumerate().step_by(2) {
            change(&*store, release(key, value, &stream(number))).await;
        }
        for (number, value) in values.iter().enumerate() {
            let expected = (number % 2 == 1).then(|| stream(number));
            assert_eq!(holder(&*store, key, value).await, expected, "of {value:?}");
        }
    }
}
