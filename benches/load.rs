//! Loading an aggregate from `SQLite` against a raw read of the same rows with `serde_json`.
//!
//! Our side: an engine that knows nothing yet gets a command that is refused, so it reads the stream, folds it and writes
//! nothing. The other side selects the same rows by the same index, reads each payload into the same enum, and folds: once
//! it takes no more than type and payload, once all that is stored, as our side does. Both find the file in memory.
//!
//! Then the same history as an aggregate that keeps snapshots, against the one that keeps none.

use std::hint::black_box;

use cqrs::{
    Append, Command, CommandError, Engine, Event as _, EventStore as _, NewEvent, RequestId, StreamId, aggregate,
    chrono::Utc, sqlite::SqliteStore,
};
use cqrs_benches::{
    Disk, Outcome, Report, Sample, Stopwatch, Target, Unit,
    account::{AccountError, AccountEvent, Withdraw},
    by_hand, raw, rounds,
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Opens an account and makes `events` events of it.
async fn fill(store: &SqliteStore, id: Uuid, events: u64) -> Outcome {
    let stream = StreamId::of("account", &id)?;
    let event = |number| match number {
        0 => AccountEvent::Opened { id, owner: "somebody".into() },
        _ if number % 3 == 0 => AccountEvent::Withdrawn { id, amount: 5 },
        _ => AccountEvent::Deposited { id, amount: 10 },
    };
    let mut appends = Vec::new();
    for number in 0..events {
        let event = event(number);
        let stored = NewEvent::new(&stream, event.event_type().name, event.encode()?);
        appends.push(Append::new(RequestId::random(), Utc::now()).event(stored));
    }
    for answer in store.append(&appends).await? {
        answer?;
    }
    Ok(())
}

async fn ours(store: &SqliteStore, id: Uuid, events: u32) -> Outcome<(Sample, u64)> {
    let engine = Engine::builder(store.clone()).start().await?;
    let stopwatch = Stopwatch::start();
    let refused = engine.execute(Withdraw { id, amount: u64::MAX }).await;
    let sample = stopwatch.stop(events);
    match refused {
        Err(CommandError::Rejected(AccountError::Overdrawn { balance })) => Ok((sample, balance)),
        other => Err(format!("the command was not refused: {other:?}").into()),
    }
}

/// The account again, with snapshots.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    balance: u64,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Kept)]
struct Refuse {
    #[cqrs(id)]
    id: Uuid,
}

#[aggregate(event = AccountEvent, error = AccountError, snapshot(every = 100))]
impl Kept {
    #[handle]
    fn refuse(&self, _command: &Refuse) -> Result<Option<AccountEvent>, AccountError> {
        Err(AccountError::Overdrawn { balance: self.balance })
    }

    #[on(Opened)]
    fn opened() -> Self {
        Self { balance: 0 }
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.balance += amount;
    }

    #[on(Withdrawn)]
    fn withdrawn(&mut self, amount: u64) {
        self.balance -= amount;
    }
}

async fn from_snapshot(store: &SqliteStore, id: Uuid, events: u32) -> Outcome<(Sample, u64)> {
    let engine = Engine::builder(store.clone()).start().await?;
    let stopwatch = Stopwatch::start();
    let refused = engine.execute(Refuse { id }).await;
    let sample = stopwatch.stop(events);
    match refused {
        Err(CommandError::Rejected(AccountError::Overdrawn { balance })) => Ok((sample, balance)),
        other => Err(format!("the command was not refused: {other:?}").into()),
    }
}

/// What the other side selects: what it needs, or all that is stored.
const NEEDED: &str = "SELECT type, payload FROM events WHERE stream = ? ORDER BY version";
const ALL: &str = "SELECT type, payload, position, stream, version, request, recorded_at, recorded_ns, correlation, \
     causation, actor, custom, tags FROM events WHERE stream = ? ORDER BY version";

fn theirs(conn: &Connection, select: &str, stream: &str) -> Outcome<(Sample, u64)> {
    let stopwatch = Stopwatch::start();
    let mut select = conn.prepare_cached(select)?;
    let columns = select.column_count();
    let mut rows = select.query([stream])?;
    let (mut account, mut count) = (None, 0);
    while let Some(row) = rows.next()? {
        let event = by_hand::decode(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_bytes()?)?;
        by_hand::apply(&mut account, &event);
        for column in 2..columns {
            black_box(row.get_ref(column)?);
        }
        count += 1;
    }
    let sample = stopwatch.stop(count);
    Ok((sample, account.map_or(0, |account| account.balance)))
}

fn main() -> Outcome {
    let disk = Disk::new(env!("CARGO_TARGET_TMPDIR"))?;
    let scale = cqrs_benches::Scale::from_args();
    let (events, times) = (scale.pick(10_000, 10_000, 2_000), scale.pick(51, 11, 1));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build()?;
    let (id, path) = (Uuid::now_v7(), disk.file("load.db"));
    let store = runtime.block_on(async {
        let store = SqliteStore::open(&path).await?;
        fill(&store, id, u64::from(events)).await?;
        Outcome::Ok(store)
    })?;
    // The first load keeps the snapshot, in the background.
    runtime.block_on(async {
        from_snapshot(&store, id, events).await?;
        while store.snapshot(&StreamId::of("account", &id)?).await?.is_none() {
            tokio::task::yield_now().await;
        }
        Outcome::Ok(())
    })?;
    let conn = raw(&path)?;
    let stream = StreamId::of("account", &id)?;

    let payload = AccountEvent::Deposited { id, amount: 10 }.encode()?.len();
    let mut report = Report::begin(
        "load",
        &[
            ("stream", format!("{events} events; {times} rounds")),
            ("payload", format!("{payload} bytes of JSON")),
            disk.condition()?,
        ],
    );
    let withdrawals = u64::from((events - 1) / 3);
    let balance = (u64::from(events - 1) - withdrawals) * 10 - withdrawals * 5;
    let checked = |(sample, read): (Sample, u64)| {
        assert_eq!((read, sample.count), (balance, events), "another account was read");
        Ok(sample)
    };
    let [ours, needed, all, kept] = rounds(
        times,
        &mut [
            &mut || checked(runtime.block_on(ours(&store, id, events))?),
            &mut || checked(theirs(&conn, NEEDED, stream.as_str())?),
            &mut || checked(theirs(&conn, ALL, stream.as_str())?),
            &mut || checked(runtime.block_on(from_snapshot(&store, id, events))?),
        ],
    )?;
    let what = "an event of a loaded aggregate; other side: type and payload";
    report.figure(what, Unit::TimeEach, Target::AtMost(1.4), &ours, &needed);
    let what = "an event of a loaded aggregate; other side: all columns";
    report.figure(what, Unit::TimeEach, Target::None, &ours, &all);
    let what = "an event of an aggregate with a snapshot; other side: without";
    report.figure(what, Unit::TimeEach, Target::None, &kept, &ours);
    report.finish()
}
