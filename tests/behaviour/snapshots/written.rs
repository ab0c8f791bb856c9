//! A snapshot holds nothing that was decided and not written.

use std::future::IntoFuture as _;

use cqrs::{Append, EventStore as _, GroupCommitOptions, MemoryStore, NewEvent, RequestId, prelude::*};

use super::ledger::*;
use crate::faulty::{Fault, Faulty, poll_once};

/// The state that a snapshot is taken of holds what waits for its turn, too. Where a stranger comes first, that is never
/// written, and must not be in the snapshot.
#[tokio::test]
async fn a_snapshot_waits_until_its_events_are_written() {
    let store = Faulty::new(MemoryStore::new(), |call| if call < 3 { Fault::None } else { Fault::Gate });
    let engine = engine(store.clone()).await;
    fill(&engine, 2).await;

    let posts: Vec<_> =
        (1..=3).map(|amount| engine.execute(Post { id: ID, account: 1, amount }).into_future()).collect();
    let mut posts = posts.into_iter();
    let (mut under_way, mut waits, mut waits_too) =
        (posts.next().unwrap(), posts.next().unwrap(), posts.next().unwrap());
    for post in [&mut under_way, &mut waits, &mut waits_too] {
        assert!(poll_once(post.as_mut()).await.is_none());
    }
    store.gate.add_permits(1);
    under_way.await.unwrap();
    let stranger = NewEvent::new(&stream(), "ledger.posted", r#"{"id":7,"account":2,"amount":1000}"#);
    MemoryStore::append(store.inner(), &[Append::new(RequestId::random(), Utc::now()).event(stranger)]).await.unwrap();
    store.gate.add_permits(1000);
    waits.await.unwrap();
    waits_too.await.unwrap();
    post(&engine, 20).await;

    let given = store.given(|given| given.len() > 2).await;
    assert_true(&store, &given).await;
}

/// Several engines and many tasks, whose appends fail, conflict, and are answered late: what was decided and never written
/// is in no snapshot.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_snapshot_holds_what_was_not_written() {
    let store = Faulty::new(MemoryStore::new(), |call| match call % 11 {
        3 | 8 => Fault::Unavailable,
        5 => Fault::LoseAnswer,
        7 => Fault::Panic,
        _ => Fault::Yield,
    });
    let options = GroupCommitOptions { max_repeats: 0, ..GroupCommitOptions::default() };
    let mut engines = Vec::new();
    for _ in 0..2 {
        engines.push(Engine::builder(store.clone()).group_commit(options).start().await.unwrap());
    }
    while engines[0]
        .execute(Open { id: ID })
        .await
        .is_err_and(|error| !matches!(error, CommandError::AlreadyExists { .. }))
    {}

    let tasks = (0..16).map(|task| {
        let engine = engines[task % 2].clone();
        tokio::spawn(async move {
            let mut failed = 0;
            for number in 0..60 {
                let amount = i64::try_from(task * 100 + number).unwrap();
                failed += u32::from(engine.execute(Post { id: ID, account: 1, amount }).await.is_err());
            }
            failed
        })
    });
    let mut failed = 0;
    for task in tasks.collect::<Vec<_>>() {
        failed += task.await.unwrap();
    }
    drop(engines);

    let given = store.given(|given| given.len() > 3).await;
    assert!(failed > 20, "only {failed} commands failed");
    assert_true(&store, &given).await;
}
