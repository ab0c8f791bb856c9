//! A ledger: a state in which everything counts, and what its events alone make of it.

use std::collections::BTreeMap;

use cqrs::{MemoryStore, Snapshot, StreamId, Version, prelude::*};

use crate::faulty::{Fault, Faulty};

pub(super) const EVERY: u64 = 5;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "ledger", id = id)]
pub(super) enum LedgerEvent {
    Opened { id: u64 },
    Posted { id: u64, account: u8, amount: i64 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("overdrawn: {0:?}")]
pub(super) struct Overdrawn(pub(super) Ledger);

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Ledger)]
pub(super) struct Open {
    #[cqrs(id)]
    pub(super) id: u64,
}

/// Answers what the ledger was before.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Ledger, result = Ledger)]
pub(super) struct Post {
    #[cqrs(id)]
    pub(super) id: u64,
    pub(super) account: u8,
    pub(super) amount: i64,
}

/// Changes nothing.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Ledger, result = Ledger)]
pub(super) struct Look {
    #[cqrs(id)]
    pub(super) id: u64,
}

/// Nothing in it is idempotent: an event that counts twice, or not at all, shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ledger {
    pub(super) balances: BTreeMap<u8, i64>,
    pub(super) entries: u64,
    pub(super) chain: u64,
    pub(super) mean: f64,
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
    pub(super) fn opened() -> Self {
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

pub(super) const ID: u64 = 7;

pub(super) fn stream() -> StreamId {
    StreamId::of("ledger", &ID).unwrap()
}

pub(super) async fn engine(store: Faulty) -> Engine {
    Engine::builder(store).start().await.unwrap()
}

pub(super) fn faultless() -> Faulty {
    Faulty::new(MemoryStore::new(), |_| Fault::None)
}

/// Opens the ledger and makes entries in it.
pub(super) async fn fill(engine: &Engine, entries: u64) {
    engine.execute(Open { id: ID }).await.unwrap();
    post(engine, entries).await;
}

pub(super) async fn post(engine: &Engine, entries: u64) {
    for number in 0..entries {
        let amount = i64::try_from(number).unwrap();
        engine.execute(Post { id: ID, account: u8::try_from(number % 3).unwrap(), amount }).await.unwrap();
        // A store in memory lets nothing else run, and so no snapshot in the background.
        tokio::task::yield_now().await;
    }
}

pub(super) async fn look(engine: &Engine) -> Ledger {
    engine.execute(Look { id: ID }).await.unwrap().result
}

/// The ledger as its events alone tell it, up to a version.
pub(super) async fn folded(store: &impl cqrs::EventStore, version: Version) -> Ledger {
    let mut ledger = None;
    let count = usize::try_from(version.0).unwrap();
    for event in store.read_stream(&stream(), Version::START, count).await.unwrap() {
        let event = LedgerEvent::decode(&event.event_type, &event.payload).unwrap();
        Ledger::apply(&mut ledger, event).unwrap();
    }
    ledger.unwrap()
}

/// That every snapshot that was ever given to the store tells what the events do.
pub(super) async fn assert_true(store: &Faulty, snapshots: &[Snapshot]) {
    for snapshot in snapshots {
        let state: Ledger = serde_json::from_slice(&snapshot.state).unwrap();
        assert_eq!(state, folded(store, snapshot.version).await, "the snapshot at {}", snapshot.version);
    }
}

pub(super) fn shape() -> u64 {
    Ledger::SNAPSHOTS.unwrap().shape()
}
