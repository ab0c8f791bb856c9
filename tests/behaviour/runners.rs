//! One runner a projection (R6): who runs it, who follows, and who takes over.

use std::{
    future::Future,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use cqrs::{Append, EventStore, MemoryStore, NewEvent, Position, ReadModelStore, RequestId, StreamId, prelude::*};

use crate::{account::*, processes::Process};

fn runs(engine: &Engine) -> bool {
    engine.projections()[0].running
}

/// Lets others work until it holds.
async fn until(mut holds: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < patience, "it never comes to that");
        tokio::task::yield_now().await;
    }
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it ends")
}

/// Two engines, of which the first runs the projection.
async fn runner_and_follower(processes: &[Process; 2]) -> (Engine, Engine) {
    let runner = processes[0].engine().await;
    until(|| runs(&runner)).await;
    (runner, processes[1].engine().await)
}

async fn deposit(engine: &Engine, id: Uuid) -> Receipt<u64> {
    engine.execute(Deposit { id, amount: 1 }).await.unwrap()
}

#[tokio::test]
async fn one_runs_a_projection_and_the_other_shows_it_as_fresh() {
    let processes = Process::several(&MemoryStore::new());
    let (runner, follower) = runner_and_follower(&processes).await;
    let id = open(&follower).await;

    for amount in 1..=30 {
        let deposited = deposit(&follower, id).await;
        let view = follower.query(GetBalance { id }).after(&deposited).await.unwrap().unwrap();
        assert_eq!((view.balance, view.changes), (amount, amount));
        let view = runner.query(GetBalance { id }).after(&deposited).await.unwrap().unwrap();
        assert_eq!((view.balance, view.changes), (amount, amount));
    }

    assert!(runs(&runner) && !runs(&follower));
    assert_eq!(processes[1].commits(), 0, "a follower leaves the work to the runner");
}

#[tokio::test]
async fn another_takes_over_where_the_runner_ends() {
    let processes = Process::several(&MemoryStore::new());
    let (runner, follower) = runner_and_follower(&processes).await;
    let id = open(&runner).await;
    for _ in 0..20 {
        deposit(&runner, id).await;
    }
    runner.query(GetBalance { id }).after(runner.head().await.unwrap()).await.unwrap();
    drop(runner);

    for _ in 0..20 {
        deposit(&follower, id).await;
    }
    let view = follower.query(GetBalance { id }).after(follower.head().await.unwrap()).await.unwrap().unwrap();

    assert_eq!((view.balance, view.changes), (40, 40), "every event counts once");
    assert!(runs(&follower));
}

#[tokio::test]
async fn another_takes_over_where_the_lease_is_lost() {
    let processes = Process::several(&MemoryStore::new());
    let (runner, follower) = runner_and_follower(&processes).await;
    let id = open(&runner).await;
    let deposited = deposit(&runner, id).await;
    runner.query(GetBalance { id }).after(&deposited).await.unwrap();

    assert_eq!(processes[0].turns.revoke(), 1);
    until(|| runs(&follower) && !runs(&runner)).await;

    let deposited = deposit(&runner, id).await;
    for engine in [&runner, &follower] {
        let view = engine.query(GetBalance { id }).after(&deposited).await.unwrap().unwrap();
        assert_eq!((view.balance, view.changes), (2, 2));
    }
    assert!(processes[1].commits() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leases_that_are_lost_again_and_again_keep_nobody_from_going_on() {
    let processes: [Process; 3] = Process::several(&MemoryStore::new());
    let mut engines = Vec::new();
    for process in &processes {
        engines.push(process.engine().await);
    }
    let id = open(&engines[0]).await;
    let turns = processes[0].turns.clone();
    let flapping = tokio::spawn(async move {
        loop {
            turns.revoke();
            tokio::task::yield_now().await;
        }
    });

    in_time(async {
        for round in 0..300 {
            let deposited = deposit(&engines[round % 3], id).await;
            if round % 10 == 0 {
                let engine = &engines[(round + 1) % 3];
                let view = engine.query(GetBalance { id }).after(&deposited).await.unwrap().unwrap();
                assert_eq!(view.balance, view.changes);
            }
        }
        for engine in &engines {
            let view = engine.query(GetBalance { id }).after(engine.head().await.unwrap()).await.unwrap().unwrap();
            assert_eq!((view.balance, view.changes), (300, 300), "every event counts once");
        }
    })
    .await;
    flapping.abort();
}

/// Appends events that concern no account.
async fn pass_over(store: &MemoryStore, count: u64) -> Position {
    let mut last = Position::START;
    for _ in 0..count {
        let stream = StreamId::of("other", &Uuid::now_v7()).unwrap();
        let event = NewEvent::new(&stream, "other.happened", "{}");
        let append = Append::new(RequestId::random(), Utc::now()).event(event);
        last = store.append(&[append]).await.unwrap().remove(0).unwrap().last;
    }
    last
}

#[tokio::test]
async fn a_follower_hears_of_events_that_its_runner_only_passed_over() {
    let store = MemoryStore::new();
    let processes = Process::several(&store);
    let (runner, follower) = runner_and_follower(&processes).await;
    let id = open(&runner).await;

    let began = Instant::now();
    let commits = processes[0].commits();
    for _ in 0..10 {
        let passed = pass_over(&store, 200).await;
        follower.query(GetBalance { id }).after(passed).await.unwrap();
    }

    let commits = processes[0].commits() - commits;
    let allowed = began.elapsed().as_millis() / 50 + 2;
    assert!(u128::from(commits) <= allowed, "{commits} commits for events of others, {allowed} are allowed");
    assert!(runs(&runner));
}

#[tokio::test]
async fn a_follower_looks_at_nothing_while_there_is_nothing_new() {
    let processes = Process::several(&MemoryStore::new());
    let (runner, follower) = runner_and_follower(&processes).await;
    let id = open(&runner).await;
    let deposited = deposit(&runner, id).await;
    follower.query(GetBalance { id }).after(&deposited).await.unwrap();

    let looks = || processes[1].looks.load(Ordering::SeqCst);
    let before = looks();
    // Long enough for many looks; there must be none however long it is.
    tokio::time::sleep(Duration::from_millis(150)).await;

    assert_eq!(looks(), before);
}

#[tokio::test]
async fn a_store_that_shares_no_leases_saves_no_checkpoint_for_events_of_others() {
    let [process]: [Process; 1] = Process::several(&MemoryStore::new());
    let store = process.rows.clone();
    let engine = engine(store.clone()).await;
    let id = open(&engine).await;
    engine.query(GetBalance { id }).after(Position(1)).await.unwrap();

    let passed = pass_over(&store, 100).await;
    engine.query(GetBalance { id }).after(passed).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    assert_eq!(store.checkpoint("balances").await.unwrap(), Position(1));
    assert!(runs(&engine), "where nobody else may wait this process runs it");
}

#[tokio::test]
async fn a_runner_that_cannot_begin_says_so_and_lets_another_try() {
    let [blind, other] = Process::several(&MemoryStore::new());
    let stuck = blind.blind().engine().await;
    until(|| stuck.projections()[0].stopped.is_some()).await;
    let cause = stuck.projections().remove(0).stopped.unwrap();
    assert!(cause.contains("it may not be read"), "{cause}");

    let engine = other.engine().await;
    let id = open(&engine).await;
    let deposited = deposit(&engine, id).await;
    let view = engine.query(GetBalance { id }).after(&deposited).await.unwrap().unwrap();
    assert_eq!(view.balance, 1);
    assert!(runs(&engine) && !runs(&stuck));
}

mod older {
    //! The program before it could handle withdrawals.

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
    #[cqrs(name = "balances")]
    pub struct OlderView {
        #[cqrs(key)]
        pub id: Uuid,
        #[cqrs(index)]
        pub owner: String,
        #[cqrs(index)]
        pub balance: u64,
        pub changes: u64,
    }

    #[projection(event = AccountEvent)]
    impl OlderView {
        #[on(Opened)]
        fn opened(id: Uuid, owner: String) -> Self {
            Self { id, owner, balance: 0, changes: 0 }
        }

        #[on(Deposited)]
        fn deposited(&mut self, amount: u64) {
            self.balance += amount;
            self.changes += 1;
        }

        #[on(Withdrawn, Closed)]
        fn withdrawn(&mut self) {
            panic!("not yet");
        }

        #[handle]
        async fn balance(views: &Views<Self>, query: GetOlder) -> Result<Option<Self>, QueryError> {
            views.get(&query.id).await
        }
    }

    #[derive(Debug, Deserialize, Query)]
    #[cqrs(model = OlderView, result = Option<OlderView>)]
    pub struct GetOlder {
        pub id: Uuid,
    }
}

#[tokio::test]
async fn a_runner_that_stops_gives_its_lease_to_a_newer_program() {
    let [older, newer] = Process::several(&MemoryStore::new());
    let runner = older.builder().projection::<older::OlderView>().start().await.unwrap();
    until(|| runs(&runner)).await;
    let id = open(&runner).await;
    deposit(&runner, id).await;
    let withdrawn = runner.execute(Withdraw { id, amount: 1 }).await.unwrap();
    let error = runner.query(older::GetOlder { id }).after(&withdrawn).await.unwrap_err();
    assert!(matches!(&error, QueryError::ProjectionStopped { cause, .. } if cause.contains("not yet")), "{error}");
    let shown = runner.query(older::GetOlder { id }).await.unwrap().unwrap();
    assert_eq!((shown.balance, shown.changes), (1, 1), "what came before it is shown");

    let follower = newer.engine().await;

    let view = follower.query(GetBalance { id }).after(&withdrawn).await.unwrap().unwrap();
    assert_eq!((view.balance, view.changes), (0, 2));
    until(|| runner.projections()[0].stopped.is_none()).await;
    let view = runner.query(older::GetOlder { id }).after(&withdrawn).await.unwrap().unwrap();
    assert_eq!((view.balance, view.changes), (0, 2), "the one that stopped follows");
}
