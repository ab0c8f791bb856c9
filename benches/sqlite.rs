//! Commands on `SQLite`, durable, against raw inserts into a plain table of events.
//!
//! The other side has a file with the same settings, `events (position, stream, version, type, payload)` with a unique
//! index on stream and version, knows every stream's version, and inserts the same payloads through a prepared
//! statement: for many tasks in transactions of the size that our commits had in the same round, for one task one event
//! a transaction.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use cqrs::{CommandError, Engine, Event as _, StreamId, sqlite::SqliteStore};
use cqrs_benches::{
    Counting, Disk, Outcome, Report, Sample, Stopwatch, Target, Unit,
    account::{AccountEvent, Deposit, Open},
    raw, rounds,
};
use rusqlite::{Connection, params};
use tokio::{runtime::Runtime, task::JoinSet};
use uuid::Uuid;

const AMOUNT: u64 = 10;
/// Spreads consecutive commands over the streams: a prime that divides none of the counts used.
const STRIDE: usize = 7919;

/// Our side: an engine on a file.
struct Ours {
    runtime: Runtime,
    engine: Engine,
    store: Counting<SqliteStore>,
    ids: Arc<[Uuid]>,
    next: Arc<AtomicU32>,
    conflicts: Arc<AtomicU32>,
}

impl Ours {
    fn open(disk: &Disk, streams: usize) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build()?;
        let ids: Arc<[Uuid]> = (0..streams).map(|_| Uuid::now_v7()).collect();
        let (store, engine) = runtime.block_on(async {
            let store = Counting::new(SqliteStore::open(disk.file("cqrs.db")).await?);
            let engine = Engine::builder(store.clone()).start().await?;
            let mut opening = JoinSet::new();
            for id in ids.iter().copied() {
                let engine = engine.clone();
                opening.spawn(async move { engine.execute(Open { id, owner: id.to_string() }).await });
            }
            while let Some(opened) = opening.join_next().await {
                opened??;
            }
            Outcome::Ok((store, engine))
        })?;
        Ok(Self { runtime, engine, store, ids, next: Arc::default(), conflicts: Arc::default() })
    }

    /// `commands` from `tasks` tasks on the first `streams` streams. Answers how many there were in a commit.
    fn run(&self, tasks: u32, streams: usize, commands: u32) -> Outcome<(Sample, u32)> {
        self.store.take_commits();
        let sample = self.runtime.block_on(async {
            let left = Arc::new(AtomicU32::new(commands));
            let mut running = JoinSet::new();
            let stopwatch = Stopwatch::start();
            for _ in 0..tasks {
                let (engine, ids, left) = (self.engine.clone(), Arc::clone(&self.ids), Arc::clone(&left));
                let (next, conflicts) = (Arc::clone(&self.next), Arc::clone(&self.conflicts));
                running.spawn(async move {
                    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                        let place = next.fetch_add(1, Ordering::Relaxed) as usize;
                        let deposit = Deposit { id: ids[place.wrapping_mul(STRIDE) % streams], amount: AMOUNT };
                        match engine.execute(deposit).await {
                            Ok(_) => {}
                            Err(CommandError::Conflict { .. }) => {
                                conflicts.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(error) => return Err(error.into()),
                        }
                    }
                    Outcome::Ok(())
                });
            }
            while let Some(ended) = running.join_next().await {
                ended??;
            }
            Outcome::Ok(stopwatch.stop(commands))
        })?;
        Ok((sample, (commands / self.store.take_commits().max(1)).max(1)))
    }
}

/// The other side: a connection, and the versions of the streams.
struct Raw {
    conn: Connection,
    streams: Vec<(String, Vec<u8>, i64)>,
    position: i64,
    next: usize,
}

impl Raw {
    fn open(disk: &Disk, ids: &[Uuid]) -> Outcome<Self> {
        let conn = raw(&disk.file("raw.db"))?;
        conn.execute_batch(
            "CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, \
             type TEXT NOT NULL, payload TEXT NOT NULL, UNIQUE (stream, version)) STRICT",
        )?;
        let mut raw = Self { conn, streams: Vec::new(), position: 0, next: 0 };
        for id in ids {
            let payload = AccountEvent::Deposited { id: *id, amount: AMOUNT }.encode()?;
            raw.streams.push((StreamId::of("account", id)?.as_str().to_owned(), payload, 0));
        }
        // As many rows as our side begins with.
        raw.insert(u32::try_from(ids.len())?, 1000)?;
        Ok(raw)
    }

    /// Inserts `events`, `batch` to a transaction.
    fn insert(&mut self, events: u32, batch: u32) -> Outcome<Sample> {
        let mut insert = self
            .conn
            .prepare("INSERT INTO events (position, stream, version, type, payload) VALUES (?, ?, ?, ?, ?)")?;
        let mut begin = self.conn.prepare("BEGIN IMMEDIATE")?;
        let mut commit = self.conn.prepare("COMMIT")?;
        let stopwatch = Stopwatch::start();
        let mut left = events;
        while left > 0 {
            begin.execute([])?;
            for _ in 0..left.min(batch) {
                let place = self.next.wrapping_mul(STRIDE) % self.streams.len();
                let (stream, payload, version) = &mut self.streams[place];
                let text = std::str::from_utf8(payload)?;
                (self.position, *version, self.next) = (self.position + 1, *version + 1, self.next + 1);
                insert.execute(params![self.position, *stream, *version, "account.deposited", text])?;
            }
            commit.execute([])?;
            left -= left.min(batch);
        }
        Ok(stopwatch.stop(events))
    }
}

fn main() -> Outcome {
    let disk = Disk::new(env!("CARGO_TARGET_TMPDIR"))?;
    let scale = cqrs_benches::Scale::from_args();
    let streams = scale.pick(10_000, 10_000, 100);
    let (many, few, times) = (scale.pick(50_000, 10_000, 500), scale.pick(3_000, 500, 50), scale.pick(9, 3, 1));

    let ours = Ours::open(&disk, streams)?;
    let mut raw = Raw::open(&disk, &ours.ids)?;
    let payload = AccountEvent::Deposited { id: Uuid::nil(), amount: AMOUNT }.encode()?.len();
    let mut report = Report::begin(
        "sqlite",
        &[
            (
                "commands",
                format!("{many} a round from many tasks, {few} from one, on {streams} streams; {times} rounds"),
            ),
            ("payload", format!("{payload} bytes of JSON")),
            ("both sides", "write-ahead log, synchronous=FULL, checkpoint every 4000 pages; no projection runs".into()),
            disk.condition()?,
        ],
    );

    let batch = Cell::new(64);
    let [many_tasks, batches] = rounds(
        times,
        &mut [
            &mut || {
                let (sample, size) = ours.run(64, streams, many)?;
                batch.set(size);
                Ok(sample)
            },
            &mut || raw.insert(many, batch.get()),
        ],
    )?;
    let what = format!("64 tasks, {streams} streams; {} commands a commit", batch.get());
    report.figure(&what, Unit::PerSecond, Target::AtLeast(0.6), &many_tasks, &batches);

    let [one_task, singles] =
        rounds(times, &mut [&mut || Ok(ours.run(1, streams, few)?.0), &mut || raw.insert(few, 1)])?;
    report.figure("one command at a time", Unit::PerSecond, Target::AtLeast(0.8), &one_task, &singles);

    ours.conflicts.store(0, Ordering::Relaxed);
    let [one_stream, many_streams] =
        rounds(times, &mut [&mut || Ok(ours.run(16, 1, many / 2)?.0), &mut || Ok(ours.run(16, streams, many / 2)?.0)])?;
    let what = format!("16 tasks, one stream; other side: {streams} streams of ours");
    report.figure(&what, Unit::PerSecond, Target::AtLeast(0.5), &one_stream, &many_streams);
    let conflicts = ours.conflicts.load(Ordering::Relaxed);
    report.note("conflicts seen by the callers of these", &conflicts.to_string());
    report.finish()?;
    if conflicts > 0 { Err("a caller has seen a conflict".into()) } else { Ok(()) }
}
