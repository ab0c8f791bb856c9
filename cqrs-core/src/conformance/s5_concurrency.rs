//! S5: of conflicting appends exactly one wins, and the others are told precisely why.

use super::{
    Fixture,
    race::{Gate, race},
    sample::{assert_conflict, assert_positions_have_no_gap, events, history, log, stream, submit, submit_all, write},
};
use crate::store::{Append, EventStore, Expected, Version};

const RACERS: usize = 8;

/// What a decision on a stream of this many events expects.
fn expected(version: Version) -> Expected {
    if version == Version::START { Expected::NoStream } else { Expected::Version(version) }
}

/// One round: every racer reads the stream in two parts, and appends unless it saw that the round is over.
async fn race_on_a_stream(fixture: &Fixture<dyn EventStore>, version: Version, gate: Gate) {
    let handles: Vec<_> = fixture.handles().await.take(RACERS).collect();
    let outcomes = race(RACERS, gate, |racer, line| {
        let (store, id) = (handles[racer].clone(), stream("hot"));
        async move {
            line.at(Gate::Before).await;
            let half = usize::try_from(version.0 / 2 + 1).expect("a small version");
            let first = store.read_stream(&id, Version::START, half).await.expect("a stream is read");
            line.at(Gate::During).await;
            let rest = store.read_stream(&id, Version(first.len() as u64), 1000).await.expect("a stream is read");
            let seen = Version((first.len() + rest.len()) as u64);
            line.at(Gate::After).await;
            if seen > version {
                return None;
            }
            Some(submit(&*store, events(&id, 1).expect(&id, expected(seen))).await)
        }
    })
    .await;

    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().flatten().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "of {RACERS} racers at version {version}, {gate:?}, one wins");
    for loser in lost {
        assert_conflict(loser, &stream("hot"), expected(version), version.next());
    }
    let there = history(&*fixture.store(), &stream("hot")).await.len() as u64;
    assert_eq!(there, version.next().0, "events after the round");
}

/// Rounds at versions of one, two and three digits. Guards against a check outside the lock, against two creators who
/// both win, and against conflicts recognised by a pattern that knows one digit.
async fn race_at_many_versions(fixture: Fixture<dyn EventStore>, gate: Gate) {
    for version in 0..13 {
        race_on_a_stream(&fixture, Version(version), gate).await;
    }
    write(&*fixture.store(), events(&stream("hot"), 85)).await;
    for version in 98..103 {
        race_on_a_stream(&fixture, Version(version), gate).await;
    }
    assert_positions_have_no_gap(&log(&*fixture.store()).await);
}

/// Racers held before they read: reads and appends of all of them mix.
pub async fn one_of_many_wins_when_held_before_the_read(fixture: Fixture<dyn EventStore>) {
    race_at_many_versions(fixture, Gate::Before).await;
}

/// Racers held between two reads of one decision.
pub async fn one_of_many_wins_when_held_during_the_read(fixture: Fixture<dyn EventStore>) {
    race_at_many_versions(fixture, Gate::During).await;
}

/// Racers held after the read: all decide on the same state and write at once.
pub async fn one_of_many_wins_when_held_after_the_read(fixture: Fixture<dyn EventStore>) {
    race_at_many_versions(fixture, Gate::After).await;
}

/// Two creators of each of many streams at the same time. Guards against stores that check versions of streams that
/// exist only.
pub async fn one_of_two_creators_wins(fixture: Fixture<dyn EventStore>) {
    let handles: Vec<_> = fixture.handles().await.take(2).collect();
    for number in 0..30 {
        let id = stream(number);
        let outcomes = race(2, Gate::After, |racer, line| {
            let (store, id) = (handles[racer].clone(), id.clone());
            async move {
                line.at(Gate::After).await;
                submit(&*store, events(&id, 2).expect(&id, Expected::NoStream)).await
            }
        })
        .await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "of two creators of `{id}` one wins");
        for loser in lost {
            assert_conflict(loser, &id, Expected::NoStream, Version(2));
        }
    }
    assert_eq!(log(&*fixture.store()).await.len(), 60);
}

/// Conflicting appends in one batch, at versions of one, two and three digits. Guards against judging a whole batch by
/// what was there before it.
pub async fn one_of_a_batch_wins(fixture: Fixture<dyn EventStore>) {
    let store = fixture.store();
    let id = stream("hot");
    for version in [0, 1, 8, 9, 10, 11, 98, 99, 100, 101].map(Version) {
        let missing = usize::try_from(version.0).expect("a small version") - history(&*store, &id).await.len();
        if missing > 0 {
            write(&*store, events(&id, missing)).await;
        }
        let batch: Vec<Append> = (0..RACERS).map(|_| events(&id, 1).expect(&id, expected(version))).collect();
        let mut outcomes = submit_all(&*store, &batch).await.into_iter();
        outcomes.next().expect("an outcome an append").expect("the first is written");
        for loser in outcomes {
            assert_conflict(loser, &id, expected(version), version.next());
        }
    }
}
