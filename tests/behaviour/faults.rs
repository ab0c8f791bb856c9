//! Stores that fail: outcomes that are unknown, stores that are slow, stored bytes that nobody can read.

use std::sync::Arc;

use cqrs::{
    Append, EventStore as _, GroupCommitOptions, MemoryStore, NewEvent, Position, RequestId, StoreError, StreamId,
    Version, prelude::*,
};

use crate::{
    account::*,
    faulty::{Fault, Faulty, poll_once},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn outcomes_that_are_unknown_are_settled_by_asking_again() {
    let store = MemoryStore::new();
    let engine = engine(Faulty::new(store.clone(), |call| match call % 7 {
        2 => Fault::LoseAnswer,
        4 => Fault::LoseCall,
        5 => Fault::Unavailable,
        _ => Fault::None,
    }))
    .await;
    let id = open(&engine).await;

    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    engine.execute(Deposit { id, amount: 1 }).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    assert_eq!(engine.execute(Withdraw { id, amount: 160 }).await.unwrap().result, 0);
    assert_eq!(store.head().await.unwrap(), Position(162), "nothing was written twice");
}

/// What is written must not be called unavailable: that says that nothing was, and invites to do it once more.
#[tokio::test]
async fn what_is_written_is_never_said_not_to_be() {
    let store = MemoryStore::new();
    let id = open(&engine(store.clone()).await).await;
    let faulty = Faulty::new(store.clone(), |call| if call == 0 { Fault::LoseAnswer } else { Fault::None })
        .reading(|call| if call == 0 { Fault::None } else { Fault::Unavailable });
    let engine = Engine::builder(faulty).start().await.unwrap();

    let error = engine.execute(Deposit { id, amount: 1 }).await.unwrap_err();

    assert_eq!(store.head().await.unwrap(), Position(2), "it is written");
    assert!(matches!(&error, CommandError::Store(StoreError::Unknown { .. })), "{error}");
}

#[tokio::test]
async fn an_outcome_that_is_unknown_stays_so_while_the_store_is_away() {
    let plans: [fn(u64) -> Fault; 2] = [
        |call| if call == 1 { Fault::LoseAnswer } else { Fault::Unavailable },
        |call| if call == 1 { Fault::LoseCall } else { Fault::Unavailable },
    ];
    for (plan, written) in plans.into_iter().zip([2, 1]) {
        let store = MemoryStore::new();
        let id = open(&engine(store.clone()).await).await;
        let faulty = Faulty::new(store.clone(), plan);
        let options = GroupCommitOptions { max_repeats: 2, ..GroupCommitOptions::default() };
        let engine = Engine::builder(faulty).group_commit(options).start().await.unwrap();

        let error = engine.execute(Deposit { id, amount: 1 }).await.unwrap_err();

        assert_eq!(store.head().await.unwrap(), Position(written));
        assert!(matches!(&error, CommandError::Store(StoreError::Unknown { .. })), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_panicking_store_leaves_nobody_waiting() {
    let engine =
        engine(Faulty::new(MemoryStore::new(), |call| if call % 7 == 3 { Fault::Panic } else { Fault::Yield })).await;
    let id = open(&engine).await;

    let mut deposited = 0;
    let mut unknown = 0;
    for _ in 0..30 {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.execute(Deposit { id, amount: 1 }).await })
            })
            .collect();
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => deposited += 1,
                Err(CommandError::Store(StoreError::Unknown { .. })) => unknown += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(deposited > 0 && unknown > 0, "{deposited} and {unknown}");

    let mut balance = engine.execute(Withdraw { id, amount: 0 }).await;
    while matches!(balance, Err(CommandError::Store(StoreError::Unknown { .. }))) {
        balance = engine.execute(Withdraw { id, amount: 0 }).await;
    }
    assert_eq!(balance.unwrap().result, deposited);
}

/// A version alone does not tell one's own event from a stranger's: the second of two commands that wait together is
/// decided on what the first leaves, and must not be written where a stranger's event has taken the first one's place.
#[tokio::test]
async fn a_stranger_s_event_is_not_taken_for_one_s_own() {
    let store = MemoryStore::new();
    let id = open(&engine(store.clone()).await).await;
    let gated = Faulty::new(store.clone(), |_| Fault::Gate);
    let gate = Arc::clone(&gated.gate);
    let engine = Engine::builder(gated).start().await.unwrap();

    let mut under_way = engine.execute(Deposit { id, amount: 10 }).into_future();
    assert!(poll_once(under_way.as_mut()).await.is_none());
    let mut first = engine.execute(Withdraw { id, amount: 10 }).into_future();
    let mut second = engine.execute(Deposit { id, amount: 1 }).into_future();
    assert!(poll_once(first.as_mut()).await.is_none() && poll_once(second.as_mut()).await.is_none());
    gate.add_permits(1);
    assert_eq!(under_way.await.unwrap().result, 10);
    let withdrawn = NewEvent::new(
        &StreamId::of("account", &id).unwrap(),
        "account.withdrawn",
        format!(r#"{{"id":"{id}","amount":5}}"#),
    );
    store.append(&[Append::new(RequestId::random(), Utc::now()).event(withdrawn)]).await.unwrap();
    gate.add_permits(100);

    let (first, second) = tokio::join!(first, second);
    let second = second.unwrap();
    match first {
        // Whichever is decided first now, both were decided on what the stranger left.
        Err(CommandError::Rejected(AccountError::Overdrawn { balance: 5 | 6 })) => assert_eq!(second.result, 6),
        other => panic!("{other:?}"),
    }
}

async fn damaged_account(event_type: &str, payload: &str) -> (MemoryStore, Uuid) {
    let store = MemoryStore::new();
    let id = Uuid::now_v7();
    let stream = StreamId::of("account", &id).unwrap();
    let append = Append::new(RequestId::random(), Utc::now())
        .event(NewEvent::new(&stream, "account.opened", format!(r#"{{"id":"{id}","owner":"ann"}}"#)))
        .event(NewEvent::new(&stream, event_type, payload.to_owned()));
    store.append(&[append]).await.unwrap().remove(0).unwrap();
    (store, id)
}

#[tokio::test]
async fn a_stored_event_nobody_can_read_is_named() {
    for (event_type, payload, cause) in [
        ("account.deposited", "{", "EOF"),
        ("account.deposited", r#"{"id":"no uuid","amount":1}"#, "UUID"),
        ("account.deposited", r#"{"amount":1} x"#, "id"),
        ("account.vanished", "{}", "unknown event type `account.vanished`"),
        ("account.opened", r#"{"id":"018f0000-0000-7000-8000-000000000000","owner":"ann"}"#, "lives already"),
    ] {
        let (store, id) = damaged_account(event_type, payload).await;
        let engine = Engine::builder(store).start().await.unwrap();

        let error = engine.execute(Deposit { id, amount: 1 }).await.unwrap_err();

        let CommandError::Store(StoreError::Corrupt(corrupt)) = &error else { panic!("{error}") };
        assert_eq!((corrupt.position, corrupt.version), (Position(2), Version(2)));
        assert_eq!((corrupt.event_type.as_str(), corrupt.stream.as_str()), (event_type, &*format!("account-{id}")));
        assert!(corrupt.cause.contains(cause), "{error}");
    }
}

#[tokio::test]
async fn a_projection_that_meets_one_stops_and_says_so() {
    let (store, id) = damaged_account("account.deposited", "{").await;
    let engine = engine(store).await;

    let error = engine.query(GetBalance { id }).after(Position(2)).await.unwrap_err();

    assert!(
        matches!(&error, QueryError::ProjectionStopped { model: "balances", cause } if cause.contains("event 2")),
        "{error}"
    );
    let [status] = engine.projections().try_into().unwrap();
    assert_eq!(status.position, Position(1), "everything before the event is shown, and nothing behind it");
    assert_eq!(engine.query(GetBalance { id }).after(Position(1)).await.unwrap().unwrap().changes, 0);
    assert!(status.stopped.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_nothing_is_half_written() {
    const LIMIT: u64 = 400_000;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("full.db");
    let store = cqrs::sqlite::SqliteStore::builder(&file).max_bytes(LIMIT).open().await.unwrap();
    let small = engine(store).await;
    let id = open(&small).await;

    let mut acknowledged = 0;
    let refused = loop {
        let metadata = "x".repeat(1000);
        match small.execute(Deposit { id, amount: 1 }).metadata("note", metadata).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, CommandError::Store(StoreError::Unwritable { .. })), "{refused}");
    drop(small);

    let roomy = engine(cqrs::sqlite::SqliteStore::open(&file).await.unwrap()).await;
    let receipt = roomy.execute(Deposit { id, amount: 1 }).await.unwrap();
    assert_eq!(receipt.result, acknowledged + 1);
    let view = roomy.query(GetBalance { id }).after(&receipt).await.unwrap().unwrap();
    assert_eq!((view.balance, view.changes), (acknowledged + 1, acknowledged + 1));
}
