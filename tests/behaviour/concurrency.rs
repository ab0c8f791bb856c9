//! Many callers, many engines: no lost update, no conflict that a caller sees, histories that are linearizable.

use std::sync::Arc;

use cqrs::{EventFilter, EventStore as _, MemoryStore, Position, prelude::*};
use tokio::sync::Barrier;

use crate::{
    account::*,
    linearizable::{assert_linearizable, history},
};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_are_linearizable_across_engines() {
    for round in 0..20 {
        let store = MemoryStore::new();
        let engines = [engine(store.clone()).await, engine(store.clone()).await, engine(store).await];
        assert_linearizable(&history(&engines, round).await);
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
    let engine = engine(crate::faulty::Slow::new(store.clone())).await;
    let id = open(&engine).await;

    let mut tasks = Vec::new();
    for number in 0..400_u64 {
        let engine = engine.clone();
        tasks.push(tokio::spawn(async move {
            let deposit = engine.execute(Deposit { id, amount: 1 }).into_future();
            if number % 3 == 0 {
                // Polled once, and dropped wherever it is then.
                let mut deposit = deposit;
                let _ = crate::faulty::poll_once(deposit.as_mut()).await;
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
