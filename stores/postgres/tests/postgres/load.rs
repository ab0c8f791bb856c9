//! Load from an engine's callers, and the audit afterwards: what was acknowledged, the log and the views must agree.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command as Process, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cqrs::{EventFilter, EventStore, Position, RecordedEvent, StoreError, prelude::*};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::account::*;

/// How long anything may take that comes at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where a child finds what it is to work on.
const CHILD: &str = "CQRS_TEST_CHILD";

/// A count for every day, or the one that a long run is asked for by `CQRS_TEST_LONG`.
pub(crate) fn long_or<T>(short: T, long: T) -> T {
    if std::env::var_os("CQRS_TEST_LONG").is_some() { long } else { short }
}

/// The deposits and openings that were acknowledged, by request, and how often callers were told that the store is away.
#[derive(Default)]
pub(crate) struct Ledger {
    acknowledged: Mutex<HashMap<Uuid, (Uuid, u64)>>,
    count: watch::Sender<u64>,
    failures: watch::Sender<u64>,
}

impl Ledger {
    pub(crate) fn note(&self, request: Uuid, account: Uuid, amount: u64) {
        let before = self.acknowledged.lock().unwrap().insert(request, (account, amount));
        assert_eq!(before, None, "a request is acknowledged once");
        self.count.send_modify(|count| *count += 1);
    }

    pub(crate) fn len(&self) -> u64 {
        *self.count.borrow()
    }

    pub(crate) fn failures(&self) -> u64 {
        *self.failures.borrow()
    }

    /// Waits until so many more were acknowledged.
    pub(crate) async fn more(&self, count: u64) {
        rise(&self.count, count).await;
    }

    /// Waits until so many more callers were told that the store is away.
    pub(crate) async fn more_failures(&self, count: u64) {
        rise(&self.failures, count).await;
    }

    fn acknowledged(&self) -> HashMap<Uuid, (Uuid, u64)> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Asks until it is settled: after an outage, or an outcome that is unknown, by the same request id.
    pub(crate) async fn deposit(&self, engine: &Engine, request: Uuid, id: Uuid, amount: u64) {
        self.settle(|| engine.execute(Deposit { id, amount }).request_id(request)).await;
        self.note(request, id, amount);
    }

    /// Opens an account, as [`deposit`](Self::deposit).
    pub(crate) async fn open(&self, engine: &Engine, request: Uuid, id: Uuid) {
        let open = Open { id, owner: id.to_string() };
        self.settle(|| engine.execute(open.clone()).request_id(request)).await;
        self.note(request, id, 0);
    }

    async fn settle<T, F>(&self, ask: impl Fn() -> F)
    where
        F: IntoFuture<Output = Result<T, CommandError<AccountError>>>,
    {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let failure = match ask().await {
                Ok(_) => return,
                Err(CommandError::Store(failure @ (StoreError::Unavailable { .. } | StoreError::Unknown { .. }))) => {
                    failure
                }
                Err(other) => panic!("{other}"),
            };
            self.failures.send_modify(|failures| *failures += 1);
            assert!(Instant::now() < deadline, "not settled in time: {failure}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Holds against the log what was acknowledged: exactly that was written, and once. Answers with what the views must
    /// show.
    pub(crate) fn audit(&self, log: &[RecordedEvent]) -> Balances {
        let mut missing = self.acknowledged();
        let balances = audit(log, |request, account, amount| {
            let acknowledged = missing.remove(&request);
            assert_eq!(acknowledged, Some((account, amount)), "request {request} is settled, and written once");
        });
        assert!(missing.is_empty(), "acknowledged and lost: {missing:?}");
        balances
    }
}

async fn rise(counted: &watch::Sender<u64>, by: u64) {
    let mut watched = counted.subscribe();
    let goal = *watched.borrow() + by;
    let reached = timeout(PATIENCE, watched.wait_for(|now| *now >= goal)).await;
    drop(reached.unwrap_or_else(|_| panic!("{} of {goal} in time", *counted.borrow())).unwrap());
}

/// Balance and number of deposits of every account.
pub(crate) type Balances = HashMap<Uuid, (u64, u64)>;

/// Folds a log, whose positions must be 1, 2, 3 … and whose versions so in every stream.
fn audit(log: &[RecordedEvent], mut written: impl FnMut(Uuid, Uuid, u64)) -> Balances {
    let mut versions = HashMap::new();
    let mut balances = Balances::new();
    for (event, position) in log.iter().zip(1..) {
        assert_eq!(event.position, Position(position));
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.version.0, *version, "of {}", event.stream);
        let (account, amount) = match AccountEvent::decode(&event.event_type, &event.payload).unwrap() {
            AccountEvent::Opened { id, .. } => {
                assert_eq!(balances.insert(id, (0, 0)), None);
                (id, 0)
            }
            AccountEvent::Deposited { id, amount } => {
                let (balance, changes) = balances.get_mut(&id).unwrap();
                *balance += amount;
                *changes += 1;
                (id, amount)
            }
            other => panic!("nobody wrote {other:?}"),
        };
        written(event.metadata.request.0, account, amount);
    }
    balances
}

/// Every view is the fold of its account's log, once the projection has come to the log's end.
pub(crate) async fn assert_views(engine: &Engine, balances: &Balances) {
    let head = engine.head().await.unwrap();
    for (&id, expected) in balances {
        let view = engine.query(GetBalance { id }).after(head).within(PATIENCE).await.unwrap().unwrap();
        assert_eq!((view.balance, view.changes), *expected, "the view of {id} is the fold of its log");
    }
    let rows = engine.views::<BalanceView>().all().count().await.unwrap();
    assert_eq!(rows, balances.len() as u64);
}

pub(crate) async fn whole_log(store: &impl EventStore) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    let mut read_to = Position::START;
    loop {
        let page = store.read(&EventFilter::everything(), read_to, 1000).await.unwrap();
        if page.read_to == read_to {
            return events;
        }
        read_to = page.read_to;
        events.extend(page.events);
    }
}

/// Follows the log as a subscriber does, over outages too, until it has seen so many events; then they are answered as
/// they came.
pub(crate) async fn follow(
    store: &impl EventStore,
    mut enough: impl FnMut(&RecordedEvent) -> bool,
) -> Vec<RecordedEvent> {
    let mut seen = Vec::new();
    let mut read_to = Position::START;
    loop {
        let page = async {
            store.wait_beyond(read_to).await?;
            store.read(&EventFilter::everything(), read_to, 100).await
        };
        match page.await {
            Ok(page) => {
                read_to = page.read_to;
                let ended = page.events.iter().any(&mut enough);
                seen.extend(page.events);
                if ended {
                    return seen;
                }
            }
            Err(StoreError::Unavailable { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// Callers who deposit without a pause until they are stopped.
pub(crate) struct Callers {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Callers {
    /// Begins to deposit on accounts, which must be open, by turns through the engines.
    pub(crate) fn start(engines: &[Engine], ledger: &Arc<Ledger>, tasks: u64, accounts: &[Uuid]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..tasks).zip(engines.iter().cycle()).map(|(task, engine)| {
            let (engine, ledger, stop) = (engine.clone(), Arc::clone(ledger), Arc::clone(&stop));
            let accounts = accounts.to_vec();
            tokio::spawn(async move {
                for step in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let account = accounts[usize::try_from(task * 31 + step * 17).unwrap() % accounts.len()];
                    ledger.deposit(&engine, Uuid::now_v7(), account, 1 + step % 9).await;
                }
            })
        });
        Self { tasks: tasks.collect(), stop }
    }

    /// Waits until every caller has its last answer.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            timeout(PATIENCE * 2, task).await.expect("every caller is answered").unwrap();
        }
    }
}

/// What a test of this binary, run as a process of its own, is told to work on; `None` where it is run by chance.
pub(crate) fn child_argument() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Says something to the parent, in one write, so that a line is whole or not there.
pub(crate) fn say(line: &str) {
    let line = format!("child: {line}\n");
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

/// Waits for a line of the parent's.
pub(crate) fn hear() -> Option<String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).unwrap();
    (read > 0).then(|| line.trim_end().to_owned())
}

/// An ignored test of this binary as a process of its own. Killed when dropped.
pub(crate) struct Program {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    pub(crate) fn start(test: &str, argument: &str) -> Self {
        let mut process = Process::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(CHILD, argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, input, output: BufReader::new(output) }
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What it says. Lines still in the pipe after its end were said as well.
impl Iterator for Program {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
                return None;
            }
            // The harness may have begun the line.
            if let Some((_, said)) = line.trim_end().split_once("child: ") {
                return Some(said.to_owned());
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
