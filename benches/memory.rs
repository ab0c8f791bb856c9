//! The engine on the in-memory store against a `HashMap` of typed vectors.
//!
//! Both sides carry out the same commands with the same decisions, one task: every account is opened and changed nine
//! times, so it ends with ten events. The other side keeps typed events, folds an account's state from its vector for
//! every command, and pushes what was decided; it encodes nothing, checks no versions, and forgets requests.

use std::{collections::HashMap, hint::black_box};

use cqrs::{Engine, MemoryStore};
use cqrs_benches::{
    Outcome, Report, Sample, Stopwatch, Target, Unit,
    account::{AccountEvent, Deposit, Open, Withdraw},
    by_hand::{self, Command},
    rounds,
};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// Nine million by hand is what one million is asked for.
const TARGET: Target = Target::AtLeast(1.0 / 9.0);
const EVENTS: u32 = 10;

/// In which order accounts are visited.
#[derive(Clone, Copy)]
enum Order {
    /// All commands of one, then all of the next.
    OneAfterAnother,
    /// One command of each, ten times.
    InTurns,
}

impl Order {
    /// The accounts' places and the commands' numbers, from 0 to 9.
    fn steps(self, accounts: u32) -> impl Iterator<Item = (usize, u32)> {
        (0..accounts * EVENTS).map(move |step| match self {
            Self::OneAfterAnother => ((step / EVENTS) as usize, step % EVENTS),
            Self::InTurns => ((step % accounts) as usize, step / accounts),
        })
    }
}

fn ids(accounts: u32) -> Vec<Uuid> {
    (0..accounts).map(|_| Uuid::new_v4()).collect()
}

fn engine(runtime: &Runtime, order: Order, accounts: u32) -> Outcome<Sample> {
    let ids = ids(accounts);
    runtime.block_on(async {
        let engine = Engine::builder(MemoryStore::new()).start().await?;
        let stopwatch = Stopwatch::start();
        for (account, number) in order.steps(accounts) {
            let id = ids[account];
            black_box(match number {
                0 => engine.execute(Open { id, owner: "somebody".into() }).await?.position,
                3 | 6 => engine.execute(Withdraw { id, amount: 5 }).await?.position,
                _ => engine.execute(Deposit { id, amount: 10 }).await?.position,
            });
        }
        let sample = stopwatch.stop(accounts * EVENTS);
        assert_eq!(engine.head().await?.0, u64::from(accounts * EVENTS), "a command has stored no event");
        Ok(sample)
    })
}

#[derive(Default)]
struct Accounts {
    events: HashMap<Uuid, Vec<AccountEvent>>,
}

impl Accounts {
    fn execute(&mut self, command: Command) -> Outcome<u64> {
        let events = self.events.entry(command.id()).or_default();
        let mut account = None;
        for event in events.iter() {
            by_hand::apply(&mut account, event);
        }
        let (event, balance) = by_hand::decide(account.as_ref(), command)?;
        events.push(event);
        Ok(balance)
    }
}

fn vectors(order: Order, accounts: u32) -> Outcome<Sample> {
    let ids = ids(accounts);
    let mut kept = Accounts::default();
    let stopwatch = Stopwatch::start();
    for (account, number) in order.steps(accounts) {
        let id = ids[account];
        black_box(kept.execute(match number {
            0 => Command::Open { id, owner: "somebody".into() },
            3 | 6 => Command::Withdraw { id, amount: 5 },
            _ => Command::Deposit { id, amount: 10 },
        })?);
    }
    let sample = stopwatch.stop(accounts * EVENTS);
    assert!(kept.events.values().all(|events| events.len() == 10), "a command has stored no event");
    Ok(sample)
}

fn main() -> Outcome {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let payload = r#"{"id":"7a0e5b1e-5c7f-4b8f-9d0b-0d6b1a0c4e11","amount":10}"#.len();
    let scale = cqrs_benches::Scale::from_args();
    let (accounts, times) = (scale.pick(20_000, 10_000, 100), scale.pick(9, 5, 1));
    let mut report = Report::begin(
        "memory",
        &[
            ("commands", format!("{} a round on {accounts} accounts, {times} rounds, one task", accounts * EVENTS)),
            ("payload", format!("about {payload} bytes of JSON; none on the other side")),
        ],
    );
    for (what, order) in [
        ("commands, one account after another", Order::OneAfterAnother),
        ("commands, accounts in turns", Order::InTurns),
    ] {
        let [ours, theirs] =
            rounds(times, &mut [&mut || engine(&runtime, order, accounts), &mut || vectors(order, accounts)])?;
        report.figure(what, Unit::PerSecond, TARGET, &ours, &theirs);
    }
    report.finish()
}
