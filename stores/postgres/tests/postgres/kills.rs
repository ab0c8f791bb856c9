//! Servers, processes and connections that end in the middle of something: nothing acknowledged is lost, nothing is
//! written twice, and the engines that are left go on by themselves.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cqrs::{
    Append, EventStore as _, NewEvent, Position, RecordedEvent, RequestId, StoreError, StreamId,
    prelude::{Engine, Utc, Uuid},
};
use cqrs_postgres::{
    PostgresStore,
    tokio_postgres::{self, NoTls},
};
use test_server::{Proxy, Server, Way};
use tokio::{
    task::{JoinHandle, block_in_place},
    time::{Instant, timeout},
};

use crate::{
    account::engine,
    load::{Callers, Ledger, PATIENCE, Program, assert_views, child_argument, follow, long_or, say, whole_log},
    processes::{argument, store},
    support::{Place, server},
};

const TASKS: u64 = 16;

fn random(below: usize) -> usize {
    usize::try_from(Uuid::new_v4().as_u128() % below as u128).unwrap()
}

/// Accounts to deposit on.
async fn opened(engine: &Engine, ledger: &Ledger) -> Vec<Uuid> {
    let accounts: Vec<_> = (0..12).map(Uuid::from_u128).collect();
    for account in &accounts {
        ledger.open(engine, Uuid::now_v7(), *account).await;
    }
    accounts
}

/// Two engines, of which one projects without a lease, as behind a pooler: their rows are right by the checkpoint alone.
async fn engines(place: &Place) -> [Engine; 2] {
    let unleased = place.builder().transaction_pooling(true).open().await.unwrap();
    [engine(place.store().await).await, engine(unleased).await]
}

/// A subscriber who is there from the beginning, until the event of a last request.
fn subscriber(store: PostgresStore, last: Uuid) -> JoinHandle<Vec<RecordedEvent>> {
    tokio::spawn(async move { follow(&store, |event| event.metadata.request.0 == last).await })
}

/// What every run of faults must leave place.
async fn check(place: &Place, engines: &[Engine], ledger: &Ledger, subscriber: JoinHandle<Vec<RecordedEvent>>) {
    let log = whole_log(&place.store().await).await;
    let balances = ledger.audit(&log);
    for engine in engines {
        assert_views(engine, &balances).await;
        assert!(engine.projections().iter().all(|projection| projection.stopped.is_none()));
    }
    let seen = timeout(PATIENCE, subscriber).await.expect("the subscriber sees the last event").unwrap();
    assert_eq!(seen, log, "in order, none late, none twice, and none that a crash took back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_killed_under_load_loses_nothing() {
    let server = Server::start().unwrap();
    let place = Place::at(&server.url("postgres"));
    let engines = engines(&place).await;
    let ledger = Arc::new(Ledger::default());
    let accounts = opened(&engines[0], &ledger).await;
    let last = Uuid::now_v7();
    let subscriber = subscriber(place.store().await, last);
    let callers = Callers::start(&engines, &ledger, TASKS, &accounts);
    for round in 0..long_or(3, 30) {
        ledger.more(1 + random(200) as u64).await;
        block_in_place(|| server.kill()).unwrap();
        if round % 3 == 0 {
            // Away for longer than the engine bridges by itself.
            ledger.more_failures(1).await;
        }
        block_in_place(|| server.restart()).unwrap();
        if round % 3 == 1 {
            // In good order too, which it announces to everyone.
            ledger.more(1 + random(20) as u64).await;
            block_in_place(|| server.restart()).unwrap();
        }
    }
    ledger.more(TASKS * 3).await;
    callers.stop().await;
    ledger.deposit(&engines[1], last, accounts[0], 1).await;
    check(&place, &engines, &ledger, subscriber).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the test below kills"]
async fn worker() {
    let Some(argument) = child_argument() else { return };
    let engine = engine(store(&argument).await).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let ledger = Ledger::default();
                for step in 0.. {
                    let (request, amount) = (Uuid::now_v7(), 1 + step % 9);
                    let account = Uuid::from_u128(u128::from(task * 31 + step * 17) % 12);
                    say(&format!("began {request} {account} {amount}"));
                    ledger.deposit(&engine, request, account, amount).await;
                    say(&format!("done {request}"));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Runs a worker until so many of its deposits were acknowledged, and kills it. Answers with what was acknowledged, and
/// with what it had begun besides.
fn run_and_kill(argument: &str, acknowledgements: usize) -> [Vec<(Uuid, Uuid, u64)>; 2] {
    let mut worker = Program::start("kills::worker", argument);
    let (mut begun, mut done) = (HashMap::new(), Vec::new());
    let mut killed = false;
    while let Some(line) = worker.next() {
        let mut words = line.split(' ');
        let (word, request) = (words.next().unwrap(), words.next().unwrap().parse::<Uuid>().unwrap());
        if word == "began" {
            let (account, amount) = (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap());
            begun.insert(request, (request, account, amount));
        } else {
            done.extend(begun.remove(&request));
        }
        if !killed && done.len() >= acknowledgements {
            worker.kill();
            killed = true;
        }
    }
    assert!(killed, "the worker ended by itself");
    [done, begun.into_values().collect()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_killed_at_any_moment_loses_nothing() {
    let place = Place::new();
    let engines = [engine(place.store().await).await];
    let ledger = Arc::new(Ledger::default());
    let accounts = opened(&engines[0], &ledger).await;
    let last = Uuid::now_v7();
    let subscriber = subscriber(place.store().await, last);
    let mut unknown = 0;
    for _ in 0..long_or(10, 100) {
        let [done, begun] = block_in_place(|| run_and_kill(&argument(&place), 1 + random(120)));
        for (request, account, amount) in done {
            ledger.note(request, account, amount);
        }
        // What it does not say any more is found out, or done, by asking again.
        for (request, account, amount) in begun {
            ledger.deposit(&engines[0], request, account, amount).await;
            unknown += 1;
        }
    }
    assert!(unknown > 0, "some were under way when a worker was killed");
    ledger.deposit(&engines[0], last, accounts[0], 1).await;
    check(&place, &engines, &ledger, subscriber).await;
}

/// A log by a way that a test can cut, to a server of this machine.
async fn proxied() -> (Proxy, Place) {
    let place = Place::at(&server().url("postgres"));
    // Makes the schema, so that no fault hits that.
    place.store().await;
    place.proxied()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_cut_under_load_lose_nothing() {
    let (proxy, place) = proxied().await;
    let engines = engines(&place).await;
    let ledger = Arc::new(Ledger::default());
    let accounts = opened(&engines[0], &ledger).await;
    let last = Uuid::now_v7();
    let subscriber = subscriber(place.store().await, last);
    let callers = Callers::start(&engines, &ledger, TASKS, &accounts);
    for round in 0..long_or(16, 120) {
        ledger.more(1 + random(60) as u64).await;
        let cuts = proxy.cuts();
        match round % 4 {
            0 => proxy.cut(),
            1 => proxy.cut_after(Way::ToServer, random(2000)),
            2 => proxy.cut_next_answer(),
            _ => proxy.cut_after(Way::ToClient, random(2000)),
        }
        // The callers are what brings the next cut about.
        let deadline = Instant::now() + PATIENCE;
        while proxy.cuts() == cuts {
            ledger.more(1).await;
            assert!(Instant::now() < deadline, "nothing was cut in round {round}");
        }
    }
    ledger.more(TASKS * 3).await;
    callers.stop().await;
    ledger.deposit(&engines[1], last, accounts[0], 1).await;
    check(&place, &engines, &ledger, subscriber).await;
}

fn with(url: &str, parameter: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{parameter}")
}

/// An operator's ways to end what takes too long. The server says so before it closes a connection, or leaves it open.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn statements_and_sessions_ended_by_an_operator_lose_nothing() {
    let operated = Place::new();
    let name = format!("operated_{}", operated.schema());
    let place = operated.through(&with(operated.url(), &format!("application_name={name}")));
    let engines = engines(&place).await;
    let ledger = Arc::new(Ledger::default());
    let accounts = opened(&engines[0], &ledger).await;
    let last = Uuid::now_v7();
    let subscriber = subscriber(place.store().await, last);
    let (operator, connection) = tokio_postgres::connect(operated.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let callers = Callers::start(&engines, &ledger, TASKS, &accounts);
    let mut ended = 0;
    let mut round = 0;
    while ended < long_or(50, 500) {
        round += 1;
        let end = if round % 3 == 0 { "pg_terminate_backend" } else { "pg_cancel_backend" };
        let active = "application_name = $1 AND state = 'active' AND pid <> pg_backend_pid()";
        let statement = format!("SELECT {end}(pid) FROM pg_stat_activity WHERE {active}");
        ended += operator.query(&statement, &[&name]).await.unwrap().len();
        ledger.more(1 + random(10) as u64).await;
    }
    callers.stop().await;
    ledger.deposit(&engines[1], last, accounts[0], 1).await;
    check(&place, &engines, &ledger, subscriber).await;
}

/// As it is with a server that ends, or a pooler in front of one: what accepts connections only closes them.
#[tokio::test]
async fn a_connection_that_ends_before_it_is_made_may_be_made_again() {
    let (proxy, place) = proxied().await;
    let store = place.store().await;
    proxy.refuse(true);
    proxy.cut();
    let away = place.builder().open().await.unwrap_err();
    assert!(matches!(away, StoreError::Unavailable { .. }), "{away:?}");
    let mut reading = Box::pin(store.head());
    assert!(timeout(Duration::from_millis(1), &mut reading).await.is_err(), "it is given again");
    proxy.refuse(false);
    assert_eq!(reading.await.unwrap(), Position::START);
}

/// What a cut leaves behind depends on where it comes; what the store says does not: the outcome is unknown, and the same
/// request tells.
#[tokio::test]
async fn an_append_that_is_cut_off_is_settled_by_asking_again() {
    let (proxy, place) = proxied().await;
    let store = place.builder().connections(1).open().await.unwrap();
    let stream = StreamId::of("thing", &1).unwrap();
    let append = || Append::new(RequestId::random(), Utc::now()).event(NewEvent::new(&stream, "thing.happened", "{}"));
    let mut written = 0;
    for round in 0..long_or(15, 120) {
        // On a connection that has everything prepared, so that the cut hits the append itself.
        store.append(&[append()]).await.unwrap().remove(0).unwrap();
        written += 1;
        let is_written = match round % 4 {
            0 => {
                proxy.cut_after(Way::ToServer, 0);
                false
            }
            1 => {
                proxy.cut_after(Way::ToServer, random(100));
                false
            }
            2 => {
                proxy.cut_next_answer();
                true
            }
            _ => {
                proxy.cut_after(Way::ToClient, random(20));
                true
            }
        };
        let batch = [append()];
        let cut = store.append(&batch).await;
        assert!(matches!(cut, Err(StoreError::Unknown { .. })), "{cut:?}");
        assert_eq!(proxy.cuts(), round + 1);
        let deadline = Instant::now() + PATIENCE;
        let again = loop {
            match store.append(&batch).await {
                Ok(mut answers) => break answers.remove(0).unwrap(),
                // The end of the connection may be noticed only now.
                Err(StoreError::Unknown { .. }) => assert!(Instant::now() < deadline),
                Err(other) => panic!("{other}"),
            }
        };
        written += 1;
        assert_eq!((again.last.0, again.count, again.repeated), (written, 1, is_written), "in round {round}");
        assert_eq!(store.receipt(batch[0].request).await.unwrap().unwrap().last, again.last);
    }
    assert_eq!(whole_log(&place.store().await).await.len() as u64, written);
}
