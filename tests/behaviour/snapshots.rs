//! Long histories are loaded from snapshots, and whatever is wrong with one, the answer is the events'.

use std::collections::BTreeMap;

use cqrs::{
    Append, EventStore as _, GroupCommitOptions, MemoryStore, NewEvent, RequestId, Snapshot, StreamId, Version,
    prelude::*,
};
use proptest::prelude::*;

use crate::faulty::{Fault, Faulty, Snapshots, poll_once};

const EVERY: u64 = 5;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "ledger", id = id)]
enum LedgerEvent {
    Opened { id: u64 },
    Posted { id: u64, account: u8, amount: i64 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("overdrawn: {0:?}")]
struct Overdrawn(Ledger);

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Ledger)]
struct Open {
    #[cqrs(id)]
    id: u64,
}

/// Answers what the ledger was before.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Ledger, result = Ledger)]
struct Post {
    #[cqrs(id)]
    id: u64,
    account: u8,
    amount: i64,
}

/// Changes nothing.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Ledger, result = Ledger)]
struct Look {
    #[cqrs(id)]
    id: u64,
}

/// Nothing in it is idempotent: an event that counts twice, or not at all, shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ledger {
    balances: BTreeMap<u8, i64>,
    entries: u64,
    chain: u64,
    mean: f64,
}

#[aggregate(event = LedgerEvent, error = Overdrawn)]
#[cqrs(snapshot(every = 5))]
impl Ledger {
    #[handle]
    fn open(command: Open) -> Result<LedgerEvent, Overdrawn> {
        Ok(LedgerEvent::Opened { id: command.id })
    }

    #[handle]
    fn post(&self, command: Post) -> Result<(LedgerEvent, Ledger), Overdrawn> {
        let Post { id, account, amount } = command;
        if self.balances.get(&account).copied().unwrap_or(0) + amount < 0 {
            return Err(Overdrawn(self.clone()));
        }
        Ok((LedgerEvent::Posted { id, account, amount }, self.clone()))
    }

    #[handle]
    fn look(&self, _command: Look) -> Result<(Option<LedgerEvent>, Ledger), Overdrawn> {
        Ok((None, self.clone()))
    }

    #[on(Opened)]
    fn opened() -> Self {
        Self { balances: BTreeMap::new(), entries: 0, chain: 17, mean: 0.1 }
    }

    #[on(Posted)]
    fn posted(&mut self, account: u8, amount: i64) {
        *self.balances.entry(account).or_default() += amount;
        self.entries += 1;
        self.chain = self.chain.wrapping_mul(31).wrapping_add(u64::from(account)) ^ amount.cast_unsigned();
        #[expect(clippy::cast_precision_loss, reason = "a float that has no short decimal spelling is what is wanted")]
        let amount = amount as f64;
        self.mean += (amount - self.mean) / 3.0;
    }
}

const ID: u64 = 7;

fn stream() -> StreamId {
    StreamId::of("ledger", &ID).unwrap()
}

async fn engine(store: Faulty) -> Engine {
    Engine::builder(store).start().await.unwrap()
}

fn faultless() -> Faulty {
    Faulty::new(MemoryStore::new(), |_| Fault::None)
}

/// Opens the ledger and makes entries in it.
async fn fill(engine: &Engine, entries: u64) {
    engine.execute(Open { id: ID }).await.unwrap();
    post(engine, entries).await;
}

async fn post(engine: &Engine, entries: u64) {
    for number in 0..entries {
        let amount = i64::try_from(number).unwrap();
        engine.execute(Post { id: ID, account: u8::try_from(number % 3).unwrap(), amount }).await.unwrap();
        // A store in memory lets nothing else run, and so no snapshot in the background.
        tokio::task::yield_now().await;
    }
}

async fn look(engine: &Engine) -> Ledger {
    engine.execute(Look { id: ID }).await.unwrap().result
}

/// The ledger as its events alone tell it, up to a version.
async fn folded(store: &impl cqrs::EventStore, version: Version) -> Ledger {
    let mut ledger = None;
    let count = usize::try_from(version.0).unwrap();
    for event in store.read_stream(&stream(), Version::START, count).await.unwrap() {
        let event = LedgerEvent::decode(&event.event_type, &event.payload).unwrap();
        Ledger::apply(&mut ledger, event).unwrap();
    }
    ledger.unwrap()
}

/// That every snapshot that was ever given to the store tells what the events do.
async fn assert_true(store: &Faulty, snapshots: &[Snapshot]) {
    for snapshot in snapshots {
        let state: Ledger = serde_json::from_slice(&snapshot.state).unwrap();
        assert_eq!(state, folded(store, snapshot.version).await, "the snapshot at {}", snapshot.version);
    }
}

fn shape() -> u64 {
    Ledger::SNAPSHOTS.unwrap().shape()
}

#[tokio::test]
async fn a_long_history_is_loaded_from_its_snapshot() {
    let store = faultless();
    let writer = engine(store.clone()).await;
    fill(&writer, 1000).await;
    let expected = look(&writer).await;
    let given = store.given(|given| given.last().is_some_and(|last| last.version.0 > 1000 - EVERY)).await;
    assert_true(&store, &given).await;
    assert!(given.len() as u64 <= 1001 / EVERY, "{} snapshots of a thousand events", given.len());
    store.take_events_read();

    let reader = engine(store.clone()).await;
    assert_eq!(look(&reader).await, expected);
    let read = store.take_events_read();
    assert!(read <= 2 * EVERY, "{read} events were read");
    assert_eq!(expected, folded(&store, Version(1001)).await);

    // Behind the snapshot everything is as ever: entries, refusals, and a writer that has fallen behind.
    post(&reader, 3).await;
    let refused = writer.execute(Post { id: ID, account: 9, amount: -1 }).await.unwrap_err();
    let now = folded(&store, Version(1004)).await;
    assert!(matches!(refused, CommandError::Rejected(Overdrawn(state)) if state == now));
}

#[tokio::test]
async fn a_long_history_without_a_snapshot_gets_one_when_it_is_loaded() {
    let store = faultless();
    fill(&engine(store.clone().snapshots(Snapshots::Forgotten)).await, 100).await;
    let before = store.given(|_| true).await.len();
    assert_eq!(store.snapshot(&stream()).await.unwrap(), None);

    look(&engine(store.clone()).await).await;
    let given = store.given(|given| given.len() > before).await;
    assert_eq!(given[before].version, Version(101));
    assert_true(&store, &given).await;

    store.take_events_read();
    look(&engine(store.clone()).await).await;
    assert_eq!(store.take_events_read(), 1, "the event that the snapshot is at, to see that it is there");
}

#[tokio::test]
async fn a_snapshot_that_is_of_no_use_is_ignored() {
    let store = faultless();
    fill(&engine(store.clone().snapshots(Snapshots::Forgotten)).await, 20).await;
    let expected = folded(&store, Version(21)).await;
    let other = Ledger { entries: 4711, ..expected.clone() };
    let json = serde_json::to_string(&other).unwrap();
    let truncated = &json[..json.len() - 1];
    for (version, shape, state, is_used) in [
        (21, shape(), &*json, true),
        (21, shape() + 1, &json, false),
        (22, shape(), &json, false),
        (u64::MAX, shape(), &json, false),
        (0, shape(), &json, false),
        (21, shape(), "", false),
        (21, shape(), "null", false),
        (21, shape(), truncated, false),
        (3, shape(), &format!("{json} 1"), false),
    ] {
        // A store of its own for each, for a later version would stay.
        let fresh = faultless();
        fill(&engine(fresh.clone().snapshots(Snapshots::Forgotten)).await, 20).await;
        let state = state.to_owned().into();
        fresh.keep_snapshot(Snapshot { stream: stream(), version: Version(version), shape, state }).await.unwrap();

        let loaded = look(&engine(fresh).await).await;
        assert_eq!(loaded, if is_used { other.clone() } else { expected.clone() }, "at {version}");
    }
}

/// A snapshot may look right and be wrong, say of a program whose fold has changed without a new `version`: where the
/// events behind it do not fit, they are asked alone.
#[tokio::test]
async fn events_that_do_not_fit_a_snapshot_are_folded_from_the_first() {
    let store = faultless();
    let appended = (0..3).fold(Append::new(RequestId::random(), Utc::now()), |append, _| {
        append.event(NewEvent::new(&stream(), "ledger.posted", r#"{"id":7,"account":1,"amount":1}"#))
    });
    let opened =
        Append::new(RequestId::random(), Utc::now()).event(NewEvent::new(&stream(), "ledger.opened", r#"{"id":7}"#));
    store.append(&[opened.clone(), appended]).await.unwrap();
    let state = serde_json::to_vec(&Ledger::opened()).unwrap().into();
    store.keep_snapshot(Snapshot { stream: stream(), version: Version(2), shape: shape(), state }).await.unwrap();
    assert_eq!(look(&engine(store.clone()).await).await.entries, 2, "this one is used");

    let again = Append { request: RequestId::random(), ..opened };
    store.append(&[again]).await.unwrap();
    let error = engine(store).await.execute(Look { id: ID }).await.unwrap_err();
    let CommandError::Store(cqrs::StoreError::Corrupt(corrupt)) = error else { panic!("{error}") };
    assert_eq!(corrupt.version, Version(5), "an event that fits nothing is named, with a snapshot or without");
}

#[tokio::test]
async fn a_store_that_fails_with_snapshots_fails_no_command() {
    for snapshots in [Snapshots::Failing, Snapshots::Panicking, Snapshots::Hanging, Snapshots::Forgotten] {
        let store = faultless().snapshots(snapshots);
        let first = engine(store.clone()).await;
        fill(&first, 50).await;
        let tries = store.given(|given| !given.is_empty()).await.len();
        match snapshots {
            Snapshots::Hanging => assert_eq!(tries, 1, "one of a lane is under way, and no more"),
            _ => assert!(tries > 5, "what failed once is tried again: {tries} times"),
        }
        let expected = folded(&store, Version(51)).await;
        assert_eq!(look(&first).await, expected);
        assert_eq!(look(&engine(store.clone()).await).await, expected);
    }
}

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

/// A state that cannot always be written.
#[derive(Debug, Serialize, Deserialize)]
struct Fragile {
    #[serde(serialize_with = "fragile")]
    count: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
fn fragile<S: serde::Serializer>(count: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    match count % 3 {
        0 => Err(serde::ser::Error::custom("on purpose")),
        1 => panic!("a bug in the state, on purpose"),
        _ => serializer.serialize_u64(*count),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "fragile", id = id)]
enum FragileEvent {
    Made { id: u64 },
    Counted { id: u64 },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Fragile)]
struct Make {
    #[cqrs(id)]
    id: u64,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Fragile, result = u64)]
struct Count {
    #[cqrs(id)]
    id: u64,
}

#[aggregate(event = FragileEvent, error = std::convert::Infallible, snapshot(every = 1))]
impl Fragile {
    #[handle]
    fn make(command: Make) -> Result<FragileEvent, std::convert::Infallible> {
        Ok(FragileEvent::Made { id: command.id })
    }

    #[handle]
    fn count(&self, command: Count) -> Result<(FragileEvent, u64), std::convert::Infallible> {
        Ok((FragileEvent::Counted { id: command.id }, self.count + 1))
    }

    #[on(Made)]
    fn made() -> Self {
        Self { count: 0 }
    }

    #[on(Counted)]
    fn counted(&mut self) {
        self.count += 1;
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_written_fails_no_command() {
    let store = faultless();
    let engine = engine(store.clone()).await;
    engine.execute(Make { id: 1 }).await.unwrap();
    for expected in 1..=12 {
        assert_eq!(engine.execute(Count { id: 1 }).await.unwrap().result, expected);
        tokio::task::yield_now().await;
    }
    let given = store.given(|given| given.len() >= 3).await;
    assert!(given.iter().all(|snapshot| snapshot.version.0 % 3 == 0), "what can be written is kept");
}

/// What happens to a ledger.
#[derive(Debug, Clone)]
enum Step {
    Post(u8, i64),
    Look,
    /// Two entries at once, of two engines that know nothing of each other.
    Race(u8, i64),
    /// Another engine goes on.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..3_u8, -9..40_i64).prop_map(|(account, amount)| Step::Post(account, amount)),
        2 => Just(Step::Look),
        1 => (0..3_u8, 0..9_i64).prop_map(|(account, amount)| Step::Race(account, amount)),
        2 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..80)
}

/// All answers of a history, and the ledger in the end.
async fn answers(store: &Faulty, steps: &[Step]) -> (Vec<Result<Ledger, String>>, Ledger) {
    let mut current = engine(store.clone()).await;
    current.execute(Open { id: ID }).await.unwrap();
    let mut answers = Vec::new();
    for step in steps {
        match *step {
            Step::Post(account, amount) => {
                let answer = current.execute(Post { id: ID, account, amount }).await;
                answers.push(answer.map(|receipt| receipt.result).map_err(|error| error.to_string()));
            }
            Step::Look => answers.push(Ok(look(&current).await)),
            Step::Race(account, amount) => {
                let other = engine(store.clone()).await;
                let post = Post { id: ID, account, amount };
                let (one, two) = tokio::join!(current.execute(post.clone()), other.execute(post));
                assert!(one.is_ok() && two.is_ok());
            }
            Step::Restart => {
                // Lets what is in the background come to an end.
                tokio::task::yield_now().await;
                current = engine(store.clone()).await;
            }
        }
    }
    let last = look(&current).await;
    (answers, last)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_the_same_with_snapshots_and_without(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (with, without) = (faultless(), faultless().snapshots(Snapshots::Forgotten));
            let answered = answers(&with, &steps).await;
            prop_assert_eq!(&answered, &answers(&without, &steps).await);
            prop_assert_eq!(&answered.1, &folded(&with, Version(u64::from(u32::MAX))).await);
            assert_true(&with, &with.given(|_| true).await).await;
            Ok(())
        })?;
    }
}
