//! The scenarios: what is run, and what is counted.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    domain::{Account, Amount},
    peers::{BoxError, Failure, Outcome, Peer},
};

/// Events in the command of the scenario with many.
pub const MANY: u64 = 100;
/// Rows in the groups of the raw drivers.
pub const GROUP: u64 = 500;

/// How much is run.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub rounds: usize,
    /// The accounts of the scenarios with many streams.
    pub streams: usize,
    /// How long clients give commands.
    pub time: Duration,
    /// The deposits of the long account.
    pub history: u64,
    /// How often the long account is loaded.
    pub loads: u64,
    /// The accounts in the log that is projected, of [`Sizes::PER_ACCOUNT`] events each.
    pub projected: usize,
    /// How many commands with [`MANY`] events.
    pub many: usize,
    /// A scenario that took longer is not repeated in later rounds.
    pub patience: Duration,
}

impl Sizes {
    /// The table of the README.
    pub const FULL: Self = Self {
        rounds: 3,
        streams: 10_000,
        time: Duration::from_secs(4),
        history: 10_000,
        loads: 10,
        projected: 10_000,
        many: 100,
        patience: Duration::from_secs(30),
    };

    /// Whether everything runs.
    pub const QUICK: Self = Self {
        rounds: 1,
        streams: 200,
        time: Duration::from_millis(500),
        history: 1_000,
        loads: 3,
        projected: 200,
        many: 5,
        patience: Duration::from_secs(5),
    };

    /// The events of an account in the log that is projected: it is opened, then takes two commands.
    pub const PER_ACCOUNT: u64 = 1 + Self::FIRST + Self::SECOND;
    const FIRST: u64 = 9;
    const SECOND: u64 = 10;
}

/// What clients did in their time.
#[derive(Debug, Default)]
pub struct Run {
    pub commands: u64,
    pub conflicts: u64,
    /// What went wrong otherwise, once each.
    pub failures: Vec<String>,
    /// In microseconds, from the first attempt to the success.
    latencies: Vec<u64>,
    time: Duration,
}

impl Run {
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub fn rate(&self) -> f64 {
        self.commands as f64 / self.time.as_secs_f64()
    }

    /// Attempts that met a conflict, of a hundred.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub fn conflict_share(&self) -> f64 {
        100.0 * self.conflicts as f64 / (self.commands + self.conflicts).max(1) as f64
    }

    /// The latency that so many of a hundred commands stay below, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(last * percent / 100).map_or(f64::NAN, |micros| *micros as f64 / 1000.0)
    }

    fn merge(mut self, other: Self) -> Self {
        self.commands += other.commands;
        self.conflicts += other.conflicts;
        self.failures.extend(other.failures);
        self.latencies.extend(other.latencies);
        self
    }

    fn fail(&mut self, error: &BoxError) {
        let text = error.to_string();
        if !self.failures.contains(&text) {
            self.failures.push(text);
        }
    }
}

/// Clients that give one command after the other, each to any of the accounts, for a time.
pub async fn clients(peer: &Arc<dyn Peer>, accounts: &Arc<[Uuid]>, clients: usize, time: Duration) -> Run {
    let start = Instant::now();
    let end = start + time;
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        tasks.spawn(client(peer.clone(), accounts.clone(), end));
    }
    let mut run = tasks.join_all().await.into_iter().fold(Run::default(), Run::merge);
    run.time = start.elapsed();
    run.latencies.sort_unstable();
    run.failures.sort_unstable();
    run.failures.dedup();
    run
}

async fn client(peer: Arc<dyn Peer>, accounts: Arc<[Uuid]>, end: Instant) -> Run {
    let mut run = Run::default();
    let contended = accounts.len() == 1;
    while Instant::now() < end {
        let account = accounts[fastrand::usize(..accounts.len())];
        let start = Instant::now();
        while Instant::now() < end {
            let amount = Amount::One(1);
            let done = match contended {
                true => peer.deposit_contended(account, amount).await,
                false => peer.deposit(account, amount).await,
            };
            match done {
                Ok(()) => {
                    run.commands += 1;
                    run.latencies.push(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
                    break;
                }
                Err(Failure::Conflict) => run.conflicts += 1,
                Err(Failure::Other(error)) => {
                    run.fail(&error);
                    break;
                }
            }
        }
    }
    run
}

/// Repeats what meets a conflict, where it is only a preparation.
async fn surely(peer: &Arc<dyn Peer>, account: Uuid, amount: Amount) -> Outcome<()> {
    loop {
        match peer.deposit(account, amount).await {
            Ok(()) => return Ok(()),
            Err(Failure::Conflict) => {}
            Err(Failure::Other(error)) => return Err(error),
        }
    }
}

async fn open(peer: &Arc<dyn Peer>) -> Outcome<Uuid> {
    peer.open().await.map_err(|failure| match failure {
        Failure::Conflict => "a conflict over a new account".into(),
        Failure::Other(error) => error,
    })
}

/// Opens accounts, 64 at a time.
pub async fn open_all(peer: &Arc<dyn Peer>, count: usize) -> Outcome<Arc<[Uuid]>> {
    let mut tasks = JoinSet::new();
    for share in shares(count) {
        let peer = peer.clone();
        tasks.spawn(async move {
            let mut accounts = Vec::new();
            for _ in 0..share {
                accounts.push(open(&peer).await?);
            }
            Outcome::Ok(accounts)
        });
    }
    let opened: Outcome<Vec<Vec<Uuid>>> = tasks.join_all().await.into_iter().collect();
    Ok(opened?.concat().into())
}

fn shares(count: usize) -> impl Iterator<Item = usize> {
    const TASKS: usize = 64;
    (0..TASKS).map(move |task| count / TASKS + usize::from(task < count % TASKS))
}

/// Fills a log with accounts of [`Sizes::PER_ACCOUNT`] events and answers the sum of their balances.
pub async fn fill(peer: &Arc<dyn Peer>, accounts: &Arc<[Uuid]>) -> Outcome<u64> {
    let mut sum = 0;
    for amount in [Amount::Many(Sizes::FIRST), Amount::Many(Sizes::SECOND)] {
        let mut tasks = JoinSet::new();
        let mut rest = accounts.to_vec();
        for share in shares(accounts.len()) {
            let (peer, accounts) = (peer.clone(), rest.split_off(rest.len() - share));
            tasks.spawn(async move {
                for account in accounts {
                    surely(&peer, account, amount).await?;
                }
                Outcome::Ok(())
            });
        }
        tasks.join_all().await.into_iter().collect::<Outcome<()>>()?;
        sum += amount.sum() * u64::try_from(accounts.len())?;
    }
    Ok(sum)
}

/// An account of so many deposits.
pub async fn history(peer: &Arc<dyn Peer>, deposits: u64) -> Outcome<(Uuid, Account)> {
    let account = open(peer).await?;
    let mut expected = Account { open: true, ..Account::default() };
    for _ in 0..deposits / MANY {
        let amount = Amount::Many(MANY);
        surely(peer, account, amount).await?;
        expected.balance += amount.sum();
        expected.deposits += amount.events();
    }
    Ok((account, expected))
}

/// Events loaded a second.
pub async fn load(peer: &Arc<dyn Peer>, account: Uuid, loads: u64) -> Outcome<(f64, Account)> {
    let mut loaded = peer.load(account).await?;
    let start = Instant::now();
    for _ in 0..loads {
        loaded = peer.load(account).await?;
    }
    Ok((rate(loads * loaded.deposits, start), loaded))
}

/// Events written a second by commands that make `count`, one after the other, each to another account.
pub async fn many(peer: &Arc<dyn Peer>, accounts: &[Uuid], count: u64) -> Outcome<f64> {
    let start = Instant::now();
    for account in accounts {
        surely(peer, *account, Amount::Many(count)).await?;
    }
    Ok(rate(count * u64::try_from(accounts.len())?, start))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn rate(count: u64, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}
