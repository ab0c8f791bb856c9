//! Many callers, many engines: no lost update, no conflict that a caller sees, histories that are linearizable.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use cqrs::{EventFilter, EventStore as _, MemoryStore, Position, prelude::*};
use tokio::sync::Barrier;

use crate::account::*;

const TASKS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_tasks_on_one_stream_lose_nothing_and_see_no_conflict() {
    const EACH: u64 = 100;
    let engine = engine(MemoryStore::new()).await;
    let id = open(&engine).await;
    let start = Arc::new(Barrier::new(TASKS));

    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (engine, start) = (engine.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                for _ in 0..EACH {
                    engine.execute(Deposit { id, amount: 1 }).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    let total = TASKS as u64 * EACH;
    assert_eq!(engine.execute(Withdraw { id, amount: total }).await.unwrap().result, 0);
    assert_eq!(engine.head().await.unwrap(), Position(total + 2));
}

/// What one command was answered with, and between which two moments.
struct Answered {
    began: u64,
    ended: u64,
    /// The stream's version after it, where it was accepted.
    version: Option<u64>,
    /// What was asked for: more is in, less is out.
    change: i64,
    /// The balance it claims to have seen (where refused) or left.
    balance: u64,
}

/// Herlihy and Wing's condition, for a history whose accepted commands are ordered by the versions they wrote: the
/// answers must be those of the sequential execution in that order, an order must never contradict time, and a refusal
/// must be right at some moment between its call and its answer.
fn assert_linearizable(history: &[Answered]) {
    let accepted: BTreeMap<u64, &Answered> =
        history.iter().filter_map(|answer| answer.version.map(|version| (version, answer))).collect();
    let mut balances = BTreeMap::from([(1, 0_u64)]);
    let mut balance = 0_u64;
    let mut latest_began = 0;
    for (&version, answer) in &accepted {
        if answer.change != 0 {
            balance = balance.checked_add_signed(answer.change).expect("a balance is never below zero");
            balances.insert(version, balance);
        }
        assert_eq!(answer.balance, balance, "the answer at version {version}");
        assert!(answer.ended >= latest_began, "version {version} was answered before an earlier one was asked for");
        latest_began = latest_began.max(answer.began);
    }
    for refused in history.iter().filter(|answer| answer.version.is_none()) {
        // Certainly written before the call, and possibly written before the answer.
        let first = accepted.iter().filter(|(_, a)| a.ended < refused.began).map(|(v, _)| *v).max().unwrap_or(1);
        let last = accepted.iter().filter(|(_, a)| a.began < refused.ended).map(|(v, _)| *v).max().unwrap_or(1);
        let seen = balances.range(..=first).next_back().into_iter().chain(balances.range(first..=last));
        let possible: Vec<u64> = seen.map(|(_, balance)| *balance).collect();
        assert!(possible.contains(&refused.balance), "refused at {}, possible were {possible:?}", refused.balance);
        assert!(refused.balance < refused.change.unsigned_abs(), "refused although enough was there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_are_linearizable_across_engines() {
    for round in 0..20_u64 {
        let store = MemoryStore::new();
        let engines = [engine(store.clone()).await, engine(store.clone()).await, engine(store).await];
        let id = open(&engines[0]).await;
        let time = Arc::new(AtomicU64::new(1));
        let start = Arc::new(Barrier::new(TASKS));

        let tasks: Vec<_> = (0..TASKS as u64)
            .map(|task| {
                let engine = engines[usize::try_from(task).unwrap() % engines.len()].clone();
                let (time, start) = (Arc::clone(&time), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    let mut history = Vec::new();
                    for step in 0..20_u64 {
                        // A fixed mixture that differs from task to task and round to round.
                        let choice = (task * 7 + step * 13 + round * 29) % 10;
                        let began = time.fetch_add(1, Ordering::SeqCst);
                        let (change, answer) = match choice {
                            0..5 => {
                                (1 + choice.cast_signed(), engine.execute(Deposit { id, amount: 1 + choice }).await)
                            }
                            amount => (-amount.cast_signed(), engine.execute(Withdraw { id, amount }).await),
                        };
                        let ended = time.fetch_add(1, Ordering::SeqCst);
                        let (version, balance) = match answer {
                            Ok(receipt) => (Some(receipt.version.0), receipt.result),
                            Err(CommandError::Rejected(AccountError::Overdrawn { balance })) => (None, balance),
                            Err(other) => panic!("{other}"),
                        };
                        history.push(Answered { began, ended, version, change, balance });
                    }
                    history
                })
            })
            .collect();
        let mut history = Vec::new();
        for task in tasks {
            history.extend(task.await.unwrap());
        }
        assert_linearizable(&history);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_owner_exactly_one_gets_it() {
    let store = MemoryStore::new();
    let engines = [engine(store.clone()).await, engine(store).await];
    for round in 0..50 {
        let owner = format!("owner {round}");
        let start = Arc::new(Barrier::new(TASKS));
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (engine, start, owner) = (engines[task % 2].clone(), Arc::clone(&start), owner.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    engine.execute(Open { id: Uuid::now_v7(), owner }).await
                })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => won += 1,
                Err(CommandError::Rejected(AccountError::OwnerHasOne(taken))) => assert_eq!(taken, owner),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dropped_caller_takes_nobody_with_it() {
    let store = MemoryStore::new();
    let engine = engine(crate::faults::Slow::new(store.clone())).await;
    let id = open(&engine).await;

    let mut tasks = Vec::new();
    for number in 0..400_u64 {
        let engine = engine.clone();
        tasks.push(tokio::spawn(async move {
            let deposit = engine.execute(Deposit { id, amount: 1 }).into_future();
            if number % 3 == 0 {
                // Polled once, and dropped wherever it is then.
                let mut deposit = deposit;
                let _ = crate::faults::poll_once(deposit.as_mut()).await;
                return false;
            }
            deposit.await.unwrap();
            true
        }));
    }
    let mut acknowledged = 0;
    for task in tasks {
        acknowledged += u64::from(task.await.unwrap());
    }

    let balance = engine.execute(Withdraw { id, amount: 0 }).await.unwrap().result;
    let page = store.read(&EventFilter::everything(), Position::START, 1000).await.unwrap();
    assert!(balance >= acknowledged, "{balance} of {acknowledged} acknowledged deposits are there");
    assert!(balance <= 400);
    assert_eq!(page.events.len() as u64, balance + 1);
}
