//! Several processes on one file. A store opened a second time shares nothing with the first but the file, as another
//! process would.

use std::{
    env::current_exe,
    io::{BufRead as _, BufReader},
    time::Duration,
};

use cqrs_core::{
    AppendError, Conflict, EventFilter, EventStore as _, Expected, Position, RequestId, StoreError, Version,
};
use cqrs_sqlite::SqliteStore;
use tokio::{task::JoinSet, time::timeout};
use uuid::Uuid;

use crate::support::{CHILD_PATH, Place, append, assert_gapless, child, event, read_all, stream, take, write};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_share_one_order_and_each_notices_the_other() {
    const EACH: usize = 200;
    let place = Place::new();
    let stores = [place.open().await, place.open().await];
    let reader = place.open().await;
    let mut writers = JoinSet::new();
    for (number, store) in stores.iter().enumerate() {
        for task in 0..2 {
            let store = store.clone();
            writers.spawn(async move {
                for n in 0..EACH / 2 {
                    let name = stream(&format!("{}", (number + task + n) % 3));
                    write(&store, append().event(event(&name)).event(event(&stream("hot")))).await.unwrap();
                }
            });
        }
    }
    // The reader writes nothing, so all it sees are other processes' commits, noticed while they are made.
    let mut seen = Vec::new();
    let mut read_to = Position::START;
    while seen.len() < 4 * EACH {
        timeout(LONG, reader.wait_beyond(read_to)).await.expect("noticed").unwrap();
        let page = reader.read(&EventFilter::everything(), read_to, 50).await.unwrap();
        read_to = page.read_to;
        seen.extend(page.events);
    }
    while let Some(finished) = writers.join_next().await {
        finished.unwrap();
    }
    assert_gapless(&seen);
    assert_eq!(seen, read_all(&stores[0]).await);
}

/// What a writer remembers of a stream and of the log's end holds until somebody else writes, and not a commit longer.
#[tokio::test]
async fn what_a_writer_remembers_gives_way_to_others_commits() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    let (hot, cold) = (stream("hot"), stream("cold"));
    let next = |version| append().expect(&hot, Expected::Version(Version(version))).event(event(&hot));
    for version in (0..40).step_by(4) {
        write(&one, next(version)).await.unwrap();
        write(&one, next(version + 1)).await.unwrap();
        // Moved on by the other, also where only another stream was written, so that the positions must follow.
        write(&other, append().event(event(&cold))).await.unwrap();
        let appended = write(&one, next(version + 2)).await.unwrap();
        assert_eq!(appended.last, one.head().await.unwrap());
        write(&other, next(version + 3)).await.unwrap();
        let refused = write(&one, next(version + 3)).await.unwrap_err();
        let AppendError::Conflict(Conflict::Stream { actual, .. }) = refused else { panic!("{refused}") };
        assert_eq!(actual, Version(version + 4));
    }
    assert_gapless(&read_all(&other).await);
}

#[tokio::test]
async fn ten_openers_of_a_new_file_all_get_it() {
    let place = Place::new();
    let mut openers = JoinSet::new();
    for n in 0..10 {
        let path = place.path();
        openers.spawn(async move {
            let store = SqliteStore::open(path).await?;
            Ok::<_, StoreError>(write(&store, append().event(event(&stream(&n.to_string())))).await.unwrap())
        });
    }
    while let Some(opened) = openers.join_next().await {
        opened.unwrap().unwrap();
    }
    assert_eq!(read_all(&place.open().await).await.len(), 10);
}

#[tokio::test]
async fn waiting_ends_with_the_next_commit_and_can_be_given_up() {
    let place = Place::new();
    // Looking for others' commits is not what wakes it.
    let store = SqliteStore::builder(place.path()).watch_interval(LONG * 60).open().await.unwrap();
    let wait = tokio::spawn({
        let store = store.clone();
        async move { store.wait_beyond(Position::START).await }
    });
    let given_up = tokio::spawn({
        let store = store.clone();
        async move { store.wait_beyond(Position(7)).await }
    });
    tokio::task::yield_now().await;
    given_up.abort();
    write(&store, append().event(event(&stream("a")))).await.unwrap();
    assert_eq!(timeout(LONG, wait).await.expect("woken").unwrap().unwrap(), Position(1));
    assert!(given_up.await.unwrap_err().is_cancelled());
    // What is there already is not waited for.
    assert_eq!(store.wait_beyond(Position::START).await.unwrap(), Position(1));
}

/// Dropping every handle, and every future, neither loses nor halves what was accepted.
#[tokio::test]
async fn accepted_work_is_finished_after_the_last_handle_is_gone() {
    let place = Place::new();
    let store = place.open().await;
    let batches: Vec<_> = (0..20).map(|_| [append().event(event(&stream("a"))).event(event(&stream("a")))]).collect();
    let mut futures: Vec<_> = batches.iter().map(|batch| store.append(batch)).collect();
    for future in &mut futures {
        // Polled once it is accepted.
        assert!(futures_poll(future).await.is_none());
    }
    drop(futures);
    drop(store);
    let store = place.open().await;
    timeout(LONG, store.wait_beyond(Position(39))).await.expect("finished").unwrap();
    let events = read_all(&store).await;
    assert_eq!(events.len(), 40);
    assert_gapless(&events);
}

/// The result of polling a future once.
async fn futures_poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

/// Appends until it is killed. Says on its output which requests were acknowledged.
#[tokio::test]
#[ignore = "run as a child by `an_acknowledged_append_survives_kill_9`"]
async fn append_until_killed() {
    let Some(path) = std::env::var_os(CHILD_PATH) else { return };
    let store = SqliteStore::open(path).await.unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..4 {
        let store = store.clone();
        tasks.spawn(async move {
            let hot = stream("hot");
            let own = stream(&Uuid::now_v7().to_string());
            for n in 0_u32.. {
                let request = append().event(event(&hot)).event(event(&own));
                let request = request.claim(take("last", &format!("{own} {n}"), &own));
                let batch = [request, append().event(event(&stream(&task.to_string())))];
                for (append, appended) in batch.iter().zip(store.append(&batch).await.unwrap()) {
                    println!("acknowledged {} {}", append.request, appended.unwrap().count);
                }
            }
        });
    }
    tasks.join_next().await;
}

fn random(below: u64) -> u64 {
    Uuid::new_v4().as_u64_pair().1 % below
}

#[tokio::test]
async fn an_acknowledged_append_survives_kill_9() {
    const KILLS: usize = 60;
    let place = Place::new();
    let mut acknowledged = Vec::new();
    for _ in 0..KILLS {
        let mut process =
            child(&current_exe().unwrap(), "processes::append_until_killed", &place.path()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut next = || -> Option<(RequestId, u64)> {
            lines.by_ref().map_while(Result::ok).find_map(|line| {
                // The harness may have begun the line.
                let (_, acknowledged) = line.split_once("acknowledged ")?;
                let (request, count) = acknowledged.split_once(' ')?;
                Some((RequestId(request.parse().ok()?), count.parse().ok()?))
            })
        };
        // Killed at a random moment after a random number of appends: between them, in a commit, in a checkpoint.
        let lived = 1 + random(60);
        acknowledged.extend((0..lived).map_while(|_| next()));
        std::thread::sleep(Duration::from_micros(random(2000)));
        process.kill().unwrap();
        process.wait().unwrap();
        acknowledged.extend(std::iter::from_fn(next));
    }
    let store = place.open().await;
    let events = read_all(&store).await;
    assert_gapless(&events);
    assert!(acknowledged.len() > KILLS);
    let mut written = std::collections::HashMap::<RequestId, u64>::new();
    for event in &events {
        *written.entry(event.metadata.request).or_default() += 1;
    }
    for (request, count) in &acknowledged {
        assert_eq!(written.get(request), Some(count), "request {request}");
        assert_eq!(store.receipt(*request).await.unwrap().unwrap().count, *count);
    }
    // What was written without being acknowledged is whole: events, receipt and claim.
    for (request, count) in &written {
        let receipt = store.receipt(*request).await.unwrap().expect("a receipt");
        assert_eq!(receipt.count, *count);
    }
    let check: String = place.raw().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}
