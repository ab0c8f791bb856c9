//! Sixteen tasks of two processes that want the same: exactly the right number get it, the others are told why not.

use std::sync::Arc;

use cqrs_core::{
    Append, AppendError, Claim, Condition, Conflict, EventFilter, EventStore as _, Expected, NewEvent, Position,
    RequestId, StreamId, Tag, Version, store::Selector,
};
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

use crate::{
    load::{Program, child_argument, hear, long_or, say, whole_log},
    processes::{argument, store},
    support::Place,
};

const PROCESSES: usize = 2;
const RACERS: usize = 8;

fn rounds() -> u64 {
    long_or(15, 250)
}

fn stream(name: &str) -> StreamId {
    StreamId::of("prize", &name).unwrap()
}

/// What every racer of a round asks for; only its own names differ.
fn wanted(race: &str, round: u64) -> Append {
    let own = stream(&Uuid::new_v4().to_string());
    let random = Append::new(RequestId::random(), chrono::Utc::now());
    let won = |stream| NewEvent::new(stream, "prize.won", "{}");
    match race {
        "stream" => {
            let prize = stream("one");
            random.expect(&prize, Expected::Version(Version(round))).event(won(&prize))
        }
        "tag" => {
            let tag = Tag::new("seat", &round).unwrap();
            let filter = EventFilter::any_of([Selector::default().event_type("prize.won").tag(tag.clone())]);
            random.when(Condition::NoMatch { filter, after: Position::START }).event(won(&own).tag(tag))
        }
        "claim" => {
            let claim = Claim::Take { key: "prize".into(), value: round.to_string(), holder: own.clone() };
            random.claim(claim).event(won(&own))
        }
        "request" => {
            let request = RequestId(Uuid::from_u128(u128::from(round) + 1));
            Append::new(request, chrono::Utc::now()).event(won(&stream("one")))
        }
        other => panic!("no such race: {other}"),
    }
}

/// What a racer says of its answer.
async fn run(store: cqrs_postgres::PostgresStore, append: Append, start: Arc<Barrier>) -> String {
    start.wait().await;
    match store.append(&[append]).await.unwrap().remove(0) {
        Ok(appended) if appended.repeated => format!("repeated {} {}", appended.last, appended.count),
        Ok(appended) => format!("won {} {}", appended.last, appended.count),
        Err(AppendError::Conflict(Conflict::Stream { expected: Expected::Version(expected), actual, .. })) => {
            format!("stream {expected} {actual}")
        }
        Err(AppendError::Conflict(Conflict::Match { found, .. })) => format!("match {found}"),
        Err(AppendError::AlreadyClaimed(taken)) => format!("claimed {} {}", taken.value, taken.holder),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "one of the two processes of the tests below"]
async fn racers() {
    let Some(argument) = child_argument() else { return };
    let (race, place) = argument.split_once(' ').unwrap();
    let store = store(place).await;
    say("ready");
    while let Some(round) = hear() {
        let start = Arc::new(Barrier::new(RACERS));
        let mut racers = JoinSet::new();
        for _ in 0..RACERS {
            racers.spawn(run(store.clone(), wanted(race, round.parse().unwrap()), Arc::clone(&start)));
        }
        while let Some(answer) = racers.join_next().await {
            say(&answer.unwrap());
        }
    }
}

/// Runs all rounds of a race, and checks what the losers of each were told.
async fn race(race: &str, told: impl Fn(u64, &str) -> String) {
    let place = Place::new();
    let argument = format!("{race} {}", argument(&place));
    let log = place.store().await;
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Program::start("races::racers", &argument)).collect();
    for process in &mut processes {
        assert_eq!(process.next().unwrap(), "ready");
    }
    for round in 0..rounds() {
        for process in &mut processes {
            process.tell(&round.to_string());
        }
        let answers: Vec<String> = processes.iter_mut().flat_map(|process| process.take(RACERS)).collect();
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.starts_with("won "));
        let events = whole_log(&log).await;
        let won_by = events.last().unwrap();
        assert_eq!(won, [&format!("won {} 1", round + 1)], "exactly one wins");
        assert_eq!(events.len() as u64, round + 1, "and writes");
        assert_eq!(lost.len(), PROCESSES * RACERS - 1);
        for lost in lost {
            assert_eq!(*lost, told(round, won_by.stream.as_str()), "in round {round}");
        }
    }
}

#[tokio::test]
async fn one_of_sixteen_gets_the_next_version_of_a_stream() {
    race("stream", |round, _| format!("stream {round} {}", round + 1)).await;
}

#[tokio::test]
async fn one_of_sixteen_gets_past_the_boundary_of_a_tag() {
    race("tag", |round, _| format!("match {}", round + 1)).await;
}

#[tokio::test]
async fn one_of_sixteen_gets_a_unique_value() {
    race("claim", |round, holder| format!("claimed {round} {holder}")).await;
}

#[tokio::test]
async fn one_of_sixteen_carries_a_request_out() {
    race("request", |round, _| format!("repeated {} 1", round + 1)).await;
}
