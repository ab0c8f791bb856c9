//! The commands of one aggregate share what is loaded, decided and sent; none of them hangs or fails for another.

use std::{collections::HashSet, future::IntoFuture as _, time::Duration};

use cqrs::{
    EventFilter, EventStore as _, GroupCommitOptions, MemoryStore, Position, StoreError, StreamId, Version, prelude::*,
};
use tokio::{runtime, time::timeout};

use crate::{
    account::*,
    faulty::{Fault, Faulty, poll_once},
};

type Outcome<'a> = cqrs::dispatch::BoxFuture<'a, Result<Receipt<u64>, CommandError<AccountError>>>;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(10);

/// Somebody may hold a future for long and not poll it: in a `select!`, say, while another branch is at work.
#[tokio::test]
async fn a_caller_who_is_not_polled_keeps_nobody_waiting() {
    let store = MemoryStore::new();
    let id = open(&engine(store.clone()).await).await;
    let store = Faulty::new(store, |_| Fault::None).reading(|_| Fault::Gate);
    let engine = Engine::builder(store.clone()).start().await.unwrap();

    let mut held = engine.execute(Deposit { id, amount: 1 }).into_future();
    assert!(poll_once(held.as_mut()).await.is_none());
    store.gate.add_permits(100);

    let deposited = timeout(LONG, engine.execute(Deposit { id, amount: 10 }).into_future()).await.expect("it hangs");
    assert_eq!(deposited.unwrap().result, 10);
    assert_eq!(held.await.unwrap().result, 11);
}

/// Each caller is polled so and so often, and dropped wherever it is then: while it waits for its turn to load, while it
/// loads, while its append is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_may_be_dropped_wherever_they_are() {
    for round in 0..20 {
        let store = MemoryStore::new();
        let id = open(&engine(store.clone()).await).await;
        let faulty = Faulty::new(store.clone(), |call| if call % 5 == 3 { Fault::Unavailable } else { Fault::Yield })
            .reading(|_| Fault::Yield);
        let engines = [0, 1].map(|_| Engine::builder(faulty.clone()));
        let [one, other] = engines;
        let engines = [one.start().await.unwrap(), other.start().await.unwrap()];

        let callers = (0..200_usize).map(|number| {
            let engine = engines[number % 2].clone();
            tokio::spawn(async move {
                let mut deposit = engine.execute(Deposit { id, amount: 1 }).into_future();
                if number % 2 == round % 2 {
                    return deposit.await.is_ok();
                }
                for _ in 0..number % 7 {
                    if let Some(answer) = poll_once(deposit.as_mut()).await {
                        return answer.is_ok();
                    }
                    tokio::task::yield_now().await;
                }
                false
            })
        });
        let mut acknowledged = 0;
        for caller in callers.collect::<Vec<_>>() {
            acknowledged += u64::from(timeout(LONG, caller).await.expect("it hangs").unwrap());
        }

        let balance = engines[0].execute(Withdraw { id, amount: 0 }).await.unwrap().result;
        let written = store.read(&EventFilter::everything(), Position::START, 1000).await.unwrap().events.len() as u64;
        assert!((100..=200).contains(&acknowledged) && acknowledged <= balance, "{acknowledged}, {balance}");
        assert_eq!(written, balance + 1);
    }
}

/// A request that wrote something is answered with its receipt, whatever is asked under it: that confirms no refusal.
#[tokio::test]
async fn a_refusal_is_not_confirmed_by_another_command_s_receipt() {
    let store = MemoryStore::new();
    let (stale, other) = (engine(store.clone()).await, engine(store).await);
    let id = open(&stale).await;
    let ctx = Context::new();
    stale.execute(Deposit { id, amount: 1 }).context(ctx.clone()).await.unwrap();
    other.execute(Deposit { id, amount: 9 }).await.unwrap();

    let withdrawn = stale.execute(Withdraw { id, amount: 10 }).context(ctx.clone()).await;
    assert!(matches!(withdrawn, Err(CommandError::RequestReused { .. })), "{withdrawn:?}");

    let looked = stale.execute(Withdraw { id, amount: 0 }).context(ctx).await;
    assert!(matches!(looked, Err(CommandError::RequestReused { .. })), "{looked:?}");
}

/// The state of each under way: one alone, and those behind it, which wait to go out as one group.
async fn gather<'a>(engine: &'a Engine, id: Uuid, amounts: &[u64]) -> Vec<Outcome<'a>> {
    let deposit = |amount: &u64| engine.execute(Deposit { id, amount: *amount }).into_future();
    let mut deposits: Vec<_> = amounts.iter().map(deposit).collect();
    for deposit in &mut deposits {
        assert!(poll_once(deposit.as_mut()).await.is_none());
    }
    deposits
}

#[tokio::test]
async fn what_the_store_chokes_on_takes_nothing_of_its_lane_with_it() {
    let store = MemoryStore::new();
    let id = open(&engine(store.clone()).await).await;
    let store = Faulty::new(store, |_| Fault::Gate).chokes_on("666");
    let engine = Engine::builder(store.clone()).start().await.unwrap();

    let deposits = gather(&engine, id, &[10, 1, 666, 2]).await;
    store.gate.add_permits(100);

    let mut results = Vec::new();
    for deposit in deposits {
        results.push(deposit.await.map(|receipt| receipt.result));
    }
    let [Ok(10), Ok(11), Err(CommandError::Store(StoreError::Failed { .. })), Ok(13)] = &*results else {
        panic!("{results:?}");
    };
}

#[tokio::test]
async fn a_lane_s_group_is_no_larger_than_a_batch() {
    let store = MemoryStore::new();
    let id = open(&engine(store.clone()).await).await;
    let store = Faulty::new(store, |_| Fault::Gate);
    let options = GroupCommitOptions { max_batch: 3, ..GroupCommitOptions::default() };
    let engine = Engine::builder(store.clone()).group_commit(options).start().await.unwrap();

    let deposits = gather(&engine, id, &[1; 12]).await;
    store.gate.add_permits(100);

    for (deposit, balance) in deposits.into_iter().zip(1..) {
        assert_eq!(deposit.await.unwrap().result, balance);
    }
    assert_eq!(store.largest_batch(), 3);
}

/// A program may have several runtimes, and an engine outlive the one that it was started on.
#[test]
fn commands_after_the_end_of_the_runtime_are_answered() {
    let runtime = || runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = Faulty::new(MemoryStore::new(), |call| if call == 0 { Fault::None } else { Fault::Gate });
    let first = runtime();
    let (engine, id) = first.block_on(async {
        let engine = Engine::builder(store.clone()).start().await.unwrap();
        let id = open(&engine).await;
        let deposit = || engine.execute(Deposit { id, amount: 1 }).into_future();
        let (mut alone, mut one, mut other) = (deposit(), deposit(), deposit());
        for deposit in [&mut alone, &mut one, &mut other] {
            assert!(poll_once(deposit.as_mut()).await.is_none());
        }
        store.gate.add_permits(2);
        one.await.unwrap();
        (engine.clone(), id)
    });
    drop(first);
    store.gate.add_permits(100);

    runtime().block_on(async {
        for _ in 0..3 {
            let answered = timeout(LONG, engine.execute(Deposit { id, amount: 1 }).into_future()).await;
            assert!(answered.is_ok(), "it hangs");
        }
    });
}

/// Whatever fails, and however small the batches are: a receipt names the event that was written for it, and its result
/// is that of all events up to there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_receipt_is_true_whatever_fails() {
    let plan = |call| match call % 13 {
        2 => Fault::LoseAnswer,
        5 => Fault::Unavailable,
        7 => Fault::LoseCall,
        11 => Fault::Panic,
        _ => Fault::Yield,
    };
    for (max_batch, max_repeats) in [(1, 0), (3, 0), (3, 1), (1024, 1)] {
        let store = MemoryStore::new();
        let id = open(&engine(store.clone()).await).await;
        let faulty = Faulty::new(store.clone(), plan).reading(|_| Fault::Yield).chokes_on("666");
        let options = GroupCommitOptions { max_batch, max_repeats, ..GroupCommitOptions::default() };
        let mut engines = Vec::new();
        for _ in 0..2 {
            engines.push(Engine::builder(faulty.clone()).group_commit(options).start().await.unwrap());
        }
        let callers = (0..16_usize).map(|task| {
            let engine = engines[task % 2].clone();
            tokio::spawn(async move {
                let mut receipts = Vec::new();
                for number in 0..25_u64 {
                    let answer = match number % 5 {
                        0 => engine.execute(Withdraw { id, amount: number + 3 }).await,
                        1 if task == 3 => engine.execute(Deposit { id, amount: 666 }).await,
                        2 => engine.execute(Withdraw { id, amount: 0 }).await,
                        _ => engine.execute(Deposit { id, amount: number + 7 }).await,
                    };
                    receipts.extend(answer.map(|receipt| (number % 5 == 2, receipt)));
                }
                receipts
            })
        });
        let mut receipts = Vec::new();
        for caller in callers.collect::<Vec<_>>() {
            receipts.extend(timeout(LONG, caller).await.expect("it hangs").unwrap());
        }

        let stream = StreamId::of("account", &id).unwrap();
        let events = store.read_stream(&stream, Version::START, 10_000).await.unwrap();
        let (mut balance, mut balances) = (0, vec![0]);
        for event in &events {
            match AccountEvent::decode(&event.event_type, &event.payload).unwrap() {
                AccountEvent::Deposited { amount, .. } => balance += amount,
                AccountEvent::Withdrawn { amount, .. } => balance -= amount,
                AccountEvent::Opened { .. } | AccountEvent::Closed { .. } => {}
            }
            balances.push(balance);
        }
        let mut versions = HashSet::new();
        for (looks, receipt) in &receipts {
            let place = usize::try_from(receipt.version.0).unwrap();
            assert_eq!(receipt.result, balances[place], "at version {place}");
            if !looks {
                assert!(versions.insert(place), "two wrote version {place}");
                assert_eq!(events[place - 1].metadata.request, receipt.request);
                assert_eq!(events[place - 1].position, receipt.position);
            }
        }
        let requests: HashSet<_> = events.iter().map(|event| event.metadata.request).collect();
        assert_eq!(requests.len(), events.len(), "an event was written twice");
        assert!(receipts.len() > 50, "only {} of 400 were carried out", receipts.len());
    }
}
