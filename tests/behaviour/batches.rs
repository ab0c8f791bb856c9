//! How the group commit closes batches in front of a store that takes several at once.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use cqrs::{
    Append, AppendError, Appended, EventFilter, EventStore, GroupCommit, GroupCommitOptions, MemoryStore, NewEvent,
    Position, RecordedEvent, RequestId, StoreError, StreamId, Version,
    store::{EventPage, InvalidInput},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

const LONG: Duration = Duration::from_secs(10);

/// A store whose calls wait until the test says what becomes of them.
struct Served {
    inner: MemoryStore,
    at_once: usize,
    calls: mpsc::UnboundedSender<Call>,
}

/// A batch that a [`Served`] was given.
struct Call {
    appends: usize,
    fate: oneshot::Sender<Fate>,
}

enum Fate {
    Written,
    Refused(StoreError),
    Panic,
}

impl Call {
    fn end(self, fate: Fate) {
        assert!(self.fate.send(fate).is_ok(), "the call was dropped");
    }
}

#[async_trait]
impl EventStore for Served {
    async fn append(&self, batch: &[Append]) -> Result<Vec<Result<Appended, AppendError>>, StoreError> {
        let (fate, told) = oneshot::channel();
        let _ = self.calls.send(Call { appends: batch.len(), fate });
        match told.await {
            Ok(Fate::Written) => self.inner.append(batch).await,
            Ok(Fate::Refused(error)) => Err(error),
            Ok(Fate::Panic) | Err(_) => panic!("a bug in the store, on purpose"),
        }
    }

    fn batches_at_once(&self) -> usize {
        self.at_once
    }

    async fn receipt(&self, request: RequestId) -> Result<Option<Appended>, StoreError> {
        self.inner.receipt(request).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.inner.read_stream(stream, after, limit).await
    }

    async fn read(&self, filter: &EventFilter, after: Position, limit: usize) -> Result<EventPage, StoreError> {
        self.inner.read(filter, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.inner.head().await
    }

    async fn wait_beyond(&self, position: Position) -> Result<Position, StoreError> {
        self.inner.wait_beyond(position).await
    }

    async fn holder(&self, key: &str, value: &str) -> Result<Option<StreamId>, StoreError> {
        self.inner.holder(key, value).await
    }
}

/// A log in front of such a store, those who append to it, and the calls that the store gets.
struct Scene {
    log: GroupCommit,
    store: MemoryStore,
    calls: mpsc::UnboundedReceiver<Call>,
    callers: JoinSet<Result<Appended, AppendError>>,
}

impl Scene {
    fn new(at_once: usize) -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let store = MemoryStore::new();
        let served = Served { inner: store.clone(), at_once, calls: sender };
        let log = GroupCommit::new(Arc::new(served), GroupCommitOptions::default());
        Self { log, store, calls, callers: JoinSet::new() }
    }

    fn append(&mut self, count: usize) {
        for _ in 0..count {
            let log = self.log.clone();
            let stream = StreamId::of("thing", &RequestId::random().0).unwrap();
            let append = Append::new(RequestId::random(), chrono::Utc::now()).event(NewEvent::new(
                &stream,
                "thing.happened",
                "{}",
            ));
            self.callers.spawn(async move { log.append(append).await });
        }
    }

    async fn call(&mut self) -> Call {
        let call = timeout(LONG, self.calls.recv()).await.expect("no batch comes");
        call.expect("the log holds the store")
    }

    async fn answers(&mut self, count: usize) -> Vec<Result<Appended, AppendError>> {
        let mut answers = Vec::new();
        for _ in 0..count {
            let answer = timeout(LONG, self.callers.join_next()).await.expect("an append is not answered");
            answers.push(answer.expect("so many append").unwrap());
        }
        answers
    }

    async fn positions(&mut self, count: usize) -> Vec<u64> {
        let answers = self.answers(count).await;
        let mut positions: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().last.0).collect();
        positions.sort_unstable();
        positions
    }
}

/// Answers while the first batch is still under way, so nobody in the second waited for it.
#[tokio::test]
async fn a_second_batch_goes_when_many_wait() {
    let mut scene = Scene::new(2);
    scene.append(1);
    let first = scene.call().await;
    scene.append(32);
    let second = scene.call().await;
    assert_eq!((first.appends, second.appends), (1, 32));
    scene.append(20);
    second.end(Fate::Written);
    assert_eq!(scene.positions(32).await, (1..=32).collect::<Vec<_>>());
    // Beside the first too few wait for a commit of their own.
    first.end(Fate::Written);
    let third = scene.call().await;
    assert_eq!(third.appends, 20);
    third.end(Fate::Written);
    assert_eq!(scene.positions(21).await, (33..=53).collect::<Vec<_>>());
    assert_eq!(scene.store.head().await.unwrap(), Position(53));
}

#[tokio::test]
async fn a_store_that_takes_one_is_given_one() {
    let mut scene = Scene::new(1);
    scene.append(1);
    let first = scene.call().await;
    scene.append(500);
    tokio::task::yield_now().await;
    assert!(scene.calls.try_recv().is_err());
    first.end(Fate::Written);
    let second = scene.call().await;
    assert_eq!(second.appends, 500);
    second.end(Fate::Written);
    assert_eq!(scene.positions(501).await, (1..=501).collect::<Vec<_>>());
}

/// The callers of a batch in which the store panics are told that nobody knows; all others are served.
#[tokio::test]
async fn a_panic_takes_one_of_two_batches() {
    let mut scene = Scene::new(2);
    // As often as there are batches at once, and once more: none is lost for those to come.
    for panics_first in [true, false, true] {
        scene.append(1);
        let first = scene.call().await;
        scene.append(32);
        let second = scene.call().await;
        scene.append(10);
        tokio::task::yield_now().await;
        let (lost, kept) = if panics_first { (first, second) } else { (second, first) };
        let (lost_count, kept_count) = (lost.appends, kept.appends);
        lost.end(Fate::Panic);
        for answer in scene.answers(lost_count).await {
            assert!(matches!(answer, Err(AppendError::Store(StoreError::Unknown { .. }))), "{answer:?}");
        }
        kept.end(Fate::Written);
        let third = scene.call().await;
        assert_eq!(third.appends, 10);
        third.end(Fate::Written);
        assert_eq!(scene.positions(kept_count + 10).await.len(), kept_count + 10);
        // And whoever comes later.
        scene.append(1);
        scene.call().await.end(Fate::Written);
        scene.answers(1).await.remove(0).unwrap();
    }
}

/// What the store refuses as a whole is given to it caller by caller.
#[tokio::test]
async fn one_that_the_store_chokes_on_takes_none_with_it() {
    let mut scene = Scene::new(1);
    scene.append(1);
    let first = scene.call().await;
    scene.append(3);
    tokio::task::yield_now().await;
    first.end(Fate::Written);
    let refused = || Fate::Refused(StoreError::Failed { message: "too long".into(), source: None });
    let together = scene.call().await;
    assert_eq!(together.appends, 3);
    together.end(refused());
    for choked in [false, true, false] {
        let alone = scene.call().await;
        assert_eq!(alone.appends, 1);
        alone.end(if choked { refused() } else { Fate::Written });
    }
    let answers = scene.answers(4).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(scene.store.head().await.unwrap(), Position(3));
}

/// The events of an append are found by their metadata's request, its receipt by its own.
#[tokio::test]
async fn metadata_of_another_request_is_refused() {
    let log = GroupCommit::new(Arc::new(MemoryStore::new()), GroupCommitOptions::default());
    let (request, other) = (RequestId::random(), RequestId::random());
    let append = Append { request, ..Append::new(other, chrono::Utc::now()) };
    let error = log.append(append).await.unwrap_err();
    let AppendError::Invalid(InvalidInput::OtherRequest { append, metadata }) = error else {
        panic!("{error:?}");
    };
    assert_eq!((append, metadata), (request, other));
}
