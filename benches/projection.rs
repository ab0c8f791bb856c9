//! Projecting a log into a table on `SQLite` against raw upserts of the same rows.
//!
//! Our side: a file with the log and no view; timed from the start of the engine until the view shows the whole log. The
//! other side, twice: upserts only, of rows made before, 1,000 to a transaction; and as a program by hand would do it,
//! reading and decoding the same events, keeping all rows in memory, and upserting each. Its table has a column for every
//! field and the same index.
//!
//! Accounts change in turns, so that no row changes twice in a batch; or a thousand at a time, so that rows are found where
//! they were left.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use cqrs::{
    Append, Engine, Event as _, EventStore as _, NewEvent, RequestId, StreamId, chrono::Utc, sqlite::SqliteStore,
};
use cqrs_benches::{
    Disk, Outcome, Report, Sample, Stopwatch, Target, Unit,
    account::{AccountEvent, BalanceView, GetBalance},
    by_hand, raw, rounds,
};
use rusqlite::{CachedStatement, Connection, params};
use tokio::runtime::Runtime;
use uuid::Uuid;

const BATCH: usize = 1000;

/// The events, in the order of the log.
fn events(accounts: usize, at_a_time: usize, changes: usize) -> Vec<AccountEvent> {
    let ids: Vec<Uuid> = (0..accounts).map(|_| Uuid::now_v7()).collect();
    let history = |id: Uuid, change| match change {
        0 => AccountEvent::Opened { id, owner: format!("owner of {id}") },
        _ if change % 3 == 0 => AccountEvent::Withdrawn { id, amount: 5 },
        _ => AccountEvent::Deposited { id, amount: 10 },
    };
    let together = ids.chunks(at_a_time);
    together
        .flat_map(|ids| (0..changes).flat_map(move |change| ids.iter().map(move |id| history(*id, change))))
        .collect()
}

/// A file that holds the log and nothing else, to be copied for every round.
fn template(runtime: &Runtime, disk: &Disk, name: &str, events: &[AccountEvent]) -> Outcome<PathBuf> {
    let filled = disk.file(&format!("{name}-filled.db"));
    runtime.block_on(async {
        let store = SqliteStore::open(&filled).await?;
        for events in events.chunks(BATCH) {
            let mut appends = Vec::new();
            for event in events {
                let stream = StreamId::of("account", event.aggregate_id())?;
                let stored = NewEvent::new(&stream, event.event_type().name, event.encode()?);
                appends.push(Append::new(RequestId::random(), Utc::now()).event(stored));
            }
            for answer in store.append(&appends).await? {
                answer?;
            }
        }
        Outcome::Ok(())
    })?;
    let template = disk.file(&format!("{name}.db"));
    raw(&filled)?.execute("VACUUM INTO ?", [template.to_str().ok_or("the directory's name is not UTF-8")?])?;
    Ok(template)
}

/// A fresh copy of the template.
fn copy(template: &Path) -> Outcome<PathBuf> {
    let path = template.with_extension("copy.db");
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.clone().into_os_string();
        file.push(suffix);
        if fs::exists(&file)? {
            fs::remove_file(file)?;
        }
    }
    fs::copy(template, &path)?;
    fs::File::open(&path)?.sync_all()?;
    Ok(path)
}

async fn projected(path: &Path, last: &AccountEvent, count: u32) -> Outcome<(Sample, Option<BalanceView>)> {
    let store = SqliteStore::open(path).await?;
    let head = store.head().await?;
    let stopwatch = Stopwatch::start();
    let engine = Engine::builder(store).projection::<BalanceView>().start().await?;
    let query = engine.query(GetBalance { id: *last.aggregate_id() }).after(head);
    let view = query.within(Duration::from_secs(300)).await?;
    Ok((stopwatch.stop(count), view))
}

/// The other side's table.
fn table(path: &Path) -> Outcome<Connection> {
    let conn = raw(path)?;
    conn.execute_batch(
        "CREATE TABLE balances (id BLOB NOT NULL PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL, \
         changes INTEGER NOT NULL) STRICT, WITHOUT ROWID; CREATE INDEX balances_owner ON balances (owner)",
    )?;
    Ok(conn)
}

const UPSERT: &str = "INSERT INTO balances (id, owner, balance, changes) VALUES (?, ?, ?, ?) ON CONFLICT (id) \
     DO UPDATE SET owner = excluded.owner, balance = excluded.balance, changes = excluded.changes";

fn upsert(statement: &mut CachedStatement<'_>, row: &BalanceView) -> Outcome {
    let (balance, changes) = (i64::try_from(row.balance)?, i64::try_from(row.changes)?);
    statement.execute(params![row.id.as_bytes().as_slice(), row.owner, balance, changes])?;
    Ok(())
}

/// What an event makes of the rows, all of which are kept.
fn fold(rows: &mut HashMap<Uuid, BalanceView>, event: AccountEvent) -> Outcome<&BalanceView> {
    let id = *event.aggregate_id();
    if let AccountEvent::Opened { id, owner } = event {
        return Ok(rows.entry(id).insert_entry(BalanceView { id, owner, balance: 0, changes: 0 }).into_mut());
    }
    let row = rows.get_mut(&id).ok_or("an account changes that was never opened")?;
    match event {
        AccountEvent::Deposited { amount, .. } => row.balance += amount,
        AccountEvent::Withdrawn { amount, .. } => row.balance -= amount,
        AccountEvent::Opened { .. } => {}
    }
    row.changes += 1;
    Ok(row)
}

fn upserted(path: &Path, made: &[BalanceView], count: u32) -> Outcome<Sample> {
    let conn = table(path)?;
    let stopwatch = Stopwatch::start();
    for batch in made.chunks(BATCH) {
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut statement = conn.prepare_cached(UPSERT)?;
        batch.iter().try_for_each(|row| upsert(&mut statement, row))?;
        conn.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(stopwatch.stop(count))
}

fn read_and_upserted(path: &Path, count: u32) -> Outcome<Sample> {
    let conn = table(path)?;
    let mut rows = HashMap::new();
    let mut reached = 0;
    let stopwatch = Stopwatch::start();
    loop {
        let before = reached;
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut page = conn.prepare_cached(
            "SELECT position, type, payload FROM events WHERE position > ? ORDER BY position LIMIT 1000",
        )?;
        let mut statement = conn.prepare_cached(UPSERT)?;
        let mut page = page.query([before])?;
        while let Some(event) = page.next()? {
            reached = event.get(0)?;
            let event = by_hand::decode(event.get_ref(1)?.as_str()?, event.get_ref(2)?.as_bytes()?)?;
            upsert(&mut statement, fold(&mut rows, event)?)?;
        }
        drop(page);
        conn.prepare_cached("COMMIT")?.execute([])?;
        if reached == before {
            return Ok(stopwatch.stop(count));
        }
    }
}

fn main() -> Outcome {
    let disk = Disk::new(env!("CARGO_TARGET_TMPDIR"))?;
    let scale = cqrs_benches::Scale::from_args();
    let (accounts, changes) = (scale.pick(20_000, 5_000, 500), scale.pick(10, 4, 4));
    let times = scale.pick(5, 3, 1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build()?;
    let count = accounts * changes;
    let mut report = Report::begin(
        "projection",
        &[
            ("log", format!("{count} events of {accounts} accounts, {changes} each; {times} rounds")),
            (
                "payload",
                format!("{} bytes of JSON", AccountEvent::Deposited { id: Uuid::nil(), amount: 10 }.encode()?.len()),
            ),
            ("both sides", "write-ahead log, synchronous=FULL, checkpoint every 4000 pages".into()),
            disk.condition()?,
        ],
    );
    for (what, name, at_a_time) in
        [("all accounts in turns", "turns", accounts), ("1,000 accounts at a time", "hot", 1000)]
    {
        let events = events(accounts, at_a_time, changes);
        let last = events.last().ok_or("no events")?;
        let template = template(&runtime, &disk, name, &events)?;
        let mut rows = HashMap::new();
        let mut made = Vec::new();
        for event in &events {
            made.push(fold(&mut rows, event.clone())?.clone());
        }
        let count = u32::try_from(events.len())?;
        let [ours, upserts, whole] = rounds(
            times,
            &mut [
                &mut || {
                    let path = copy(&template)?;
                    let (sample, view) = runtime.block_on(projected(&path, last, count))?;
                    assert_eq!(view.as_ref(), made.last(), "the view does not show the log");
                    Ok(sample)
                },
                &mut || upserted(&copy(&template)?, &made, count),
                &mut || read_and_upserted(&copy(&template)?, count),
            ],
        )?;
        let figure = |other: &str| format!("events projected, {what}; other side: {other}");
        report.figure(&figure("upserts only"), Unit::PerSecond, Target::AtLeast(0.5), &ours, &upserts);
        report.figure(&figure("reads and decodes, too"), Unit::PerSecond, Target::None, &ours, &whole);
    }
    report.finish()
}
