//! Several processes on one log.

use std::{sync::Arc, thread, time::Duration};

use cqrs::{
    EventStore as _, RecordedEvent,
    prelude::{Engine, Uuid},
};
use cqrs_postgres::PostgresStore;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    account::engine,
    linearizable::{assert_linearizable, history},
    load::{Ledger, Program, assert_views, child_argument, follow, hear, long_or, say, whole_log},
    support::Place,
};

const PROCESSES: u128 = 8;
const TASKS: u64 = 16;
const HOT: u128 = 3;

/// How many deposits each task makes, on hot accounts and on one of its own in turns.
fn each() -> u64 {
    long_or(12, 250)
}

fn events() -> u64 {
    u64::try_from(HOT + PROCESSES * u128::from(TASKS)).unwrap() + u64::try_from(PROCESSES).unwrap() * TASKS * each()
}

fn patience() -> Duration {
    long_or(Duration::from_secs(60), Duration::from_secs(900))
}

/// Where a child finds the log: a process of its own knows nothing of its parent's.
pub(crate) async fn store(argument: &str) -> PostgresStore {
    let (schema, url) = argument.split_once(' ').unwrap();
    PostgresStore::builder(url).schema(schema).connections(4).open().await.unwrap()
}

pub(crate) fn argument(place: &Place) -> String {
    format!("{} {}", place.schema(), place.url())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "one of eight processes of the test below"]
async fn writer() {
    let Some(argument) = child_argument() else { return };
    let engine = engine(store(&argument).await).await;
    say("ready");
    let number: u128 = hear().unwrap().parse().unwrap();
    let ledger = Arc::new(Ledger::default());
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(write(engine.clone(), Arc::clone(&ledger), number, task));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    assert_eq!(ledger.failures(), 0, "nothing is in the way");
}

async fn write(engine: Engine, ledger: Arc<Ledger>, number: u128, task: u64) {
    let own = Uuid::from_u128(1000 + number * 100 + u128::from(task));
    let opened = Uuid::now_v7();
    ledger.open(&engine, opened, own).await;
    say(&format!("{opened} {own} 0"));
    for step in 0..each() {
        let hot = Uuid::from_u128(u128::from(task + step) % HOT);
        let (request, id, amount) = (Uuid::now_v7(), if step % 2 == 0 { hot } else { own }, 1 + step % 9);
        ledger.deposit(&engine, request, id, amount).await;
        say(&format!("{request} {id} {amount}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the ninth process of the test below"]
async fn reader() {
    let Some(argument) = child_argument() else { return };
    let store = store(&argument).await;
    say("ready");
    // What a subscriber knows of an event when it comes by is all that counts.
    follow(&store, |event| {
        say(&seen(event));
        event.position.0 == events()
    })
    .await;
}

fn seen(event: &RecordedEvent) -> String {
    format!("{} {} {} {}", event.position, event.stream, event.version, event.metadata.request)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_write_one_order_and_a_ninth_sees_it() {
    let place = Place::new();
    let ledger = Arc::new(Ledger::default());
    let engine = engine(place.store().await).await;
    for hot in 0..HOT {
        ledger.open(&engine, Uuid::now_v7(), Uuid::from_u128(hot)).await;
    }
    let argument = argument(&place);
    let mut reader = Program::start("processes::reader", &argument);
    assert_eq!(reader.next().unwrap(), "ready");
    let reading = thread::spawn(move || reader.take(usize::try_from(events()).unwrap()).collect::<Vec<_>>());
    let mut writers: Vec<_> = (0..PROCESSES).map(|_| Program::start("processes::writer", &argument)).collect();
    for writer in &mut writers {
        assert_eq!(writer.next().unwrap(), "ready");
    }
    for (writer, number) in writers.iter_mut().zip(0_u32..) {
        writer.tell(&number.to_string());
    }
    let noting: Vec<_> = writers
        .into_iter()
        .map(|writer| {
            let ledger = Arc::clone(&ledger);
            tokio::task::spawn_blocking(move || {
                for line in writer {
                    let mut words = line.split(' ');
                    let mut id = || words.next().unwrap().parse::<Uuid>().unwrap();
                    let (request, account) = (id(), id());
                    ledger.note(request, account, words.next().unwrap().parse().unwrap());
                }
            })
        })
        .collect();
    for noting in noting {
        timeout(patience(), noting).await.expect("every process ends").unwrap();
    }

    assert_eq!(ledger.len(), events(), "every process has had all its answers");
    let log = whole_log(&place.store().await).await;
    assert_eq!(log.len() as u64, events());
    assert_views(&engine, &ledger.audit(&log)).await;
    let reading = tokio::task::spawn_blocking(move || reading.join().unwrap());
    let seen_by_ninth = timeout(patience(), reading).await.expect("the reader sees all").unwrap();
    assert_eq!(seen_by_ninth, log.iter().map(seen).collect::<Vec<_>>(), "in order, none late, none twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_are_linearizable_across_engines() {
    for round in 0..long_or(3, 50) {
        let place = Place::new();
        let engines =
            [engine(place.store().await).await, engine(place.store().await).await, engine(place.store().await).await];
        assert_linearizable(&history(&engines, round).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_processes_that_start_at_once_make_the_schema_once() {
    let place = Place::new();
    let mut openers = JoinSet::new();
    for _ in 0..10 {
        let place = place.clone();
        openers.spawn(async move { place.store().await.head().await.unwrap() });
    }
    while let Some(opened) = openers.join_next().await {
        assert_eq!(opened.unwrap().0, 0);
    }
}
