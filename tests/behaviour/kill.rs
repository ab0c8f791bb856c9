//! `kill -9` at any moment: nothing acknowledged is lost, nothing is written twice, views equal a fold over the log.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command as Process, Stdio},
};

use cqrs::{EventFilter, EventStore as _, Position, RecordedEvent, prelude::*, sqlite::SqliteStore};

use crate::account::*;

const ACCOUNTS: u128 = 20;
const KILLS: u64 = 50;
const FILE: &str = "CQRS_KILLED_DATABASE";

fn account(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The program that is killed: this very test, started as a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the test below kills"]
async fn killed_process() {
    let Ok(file) = std::env::var(FILE) else { return };
    let engine = engine(SqliteStore::open(file).await.unwrap()).await;
    for number in 0..ACCOUNTS {
        let opened = engine.execute(Open { id: account(number), owner: number.to_string() }).await;
        assert!(matches!(opened, Ok(_) | Err(CommandError::AlreadyExists { .. })), "{opened:?}");
    }
    let tasks: Vec<_> = (0..16_u64)
        .map(|task| {
            let engine = engine.clone();
            tokio::spawn(async move {
                for step in 0.. {
                    let id = account(u128::from(task * 31 + step * 17) % ACCOUNTS);
                    let receipt = engine.execute(Deposit { id, amount: 1 + step % 9 }).await.unwrap();
                    // One write a line, so that a line is whole or not there.
                    let line = format!("{}\n", receipt.request);
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Runs the process until it has acknowledged some commands, and kills it. Answers with what it acknowledged.
fn run_and_kill(file: &Path, acknowledgements: u64) -> Vec<Uuid> {
    let mut process = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::killed_process", "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    let mut killed = false;
    // Lines still in the pipe after the kill were acknowledged as well.
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        acknowledged.extend(line.unwrap().parse::<Uuid>());
        if !killed && acknowledged.len() as u64 >= acknowledgements {
            process.kill().unwrap();
            killed = true;
        }
    }
    assert!(killed, "the process ended by itself");
    process.wait().unwrap();
    acknowledged
}

async fn whole_log(store: &SqliteStore) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    let mut read_to = Position::START;
    loop {
        let page = store.read(&EventFilter::everything(), read_to, 1000).await.unwrap();
        if page.read_to == read_to {
            return events;
        }
        read_to = page.read_to;
        events.extend(page.events);
    }
}

/// Positions 1, 2, 3 …, versions 1, 2, 3 … a stream, every request once, and all that were acknowledged.
fn check_log(events: &[RecordedEvent], acknowledged: &HashSet<Uuid>) -> HashMap<Uuid, (u64, u64)> {
    let mut versions = HashMap::new();
    let mut requests = HashSet::new();
    let mut balances = HashMap::<Uuid, (u64, u64)>::new();
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, Position(position));
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.version.0, *version, "of {}", event.stream);
        assert!(requests.insert(event.metadata.request.0), "request {} was written twice", event.metadata.request);
        match AccountEvent::decode(&event.event_type, &event.payload).unwrap() {
            AccountEvent::Opened { id, .. } => assert_eq!(balances.insert(id, (0, 0)), None),
            AccountEvent::Deposited { id, amount } => {
                let (balance, changes) = balances.get_mut(&id).unwrap();
                *balance += amount;
                *changes += 1;
            }
            other => panic!("nobody wrote {other:?}"),
        }
    }
    let lost: Vec<_> = acknowledged.difference(&requests).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    balances
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_at_any_moment_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.db");
    let mut acknowledged = HashSet::new();
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..KILLS {
        // xorshift: a fixed sequence of moments that look like none.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        acknowledged.extend(run_and_kill(&file, 1 + chance % 120));

        let store = SqliteStore::open(&file).await.unwrap();
        let balances = check_log(&whole_log(&store).await, &acknowledged);
        let engine = engine(store).await;
        let head = engine.head().await.unwrap();
        for (id, (balance, changes)) in balances {
            let view = engine.query(GetBalance { id }).after(head).await.unwrap().unwrap();
            assert_eq!((view.balance, view.changes), (balance, changes), "the view of {id} is the fold of its log");
        }
    }
    assert!(acknowledged.len() as u64 >= KILLS);
}
