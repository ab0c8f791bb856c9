//! Whether what concurrent callers were answered could have been answered one after another. Also run by the stores' tests.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use cqrs::prelude::*;
use tokio::sync::Barrier;

use crate::account::*;

const TASKS: u64 = 16;

/// What one command was answered with, and between which two moments.
pub struct Answered {
    began: u64,
    ended: u64,
    /// The stream's version after it, where it was accepted.
    version: Option<u64>,
    /// What was asked for: more is in, less is out.
    change: i64,
    /// The balance it claims to have seen (where refused) or left.
    balance: u64,
}

/// Herlihy and Wing's condition, for a history whose accepted commands are ordered by the versions they wrote: the
/// answers must be those of the sequential execution in that order, an order must never contradict time, and a refusal
/// must be right at some moment between its call and its answer.
pub fn assert_linearizable(history: &[Answered]) {
    let accepted: BTreeMap<u64, &Answered> =
        history.iter().filter_map(|answer| answer.version.map(|version| (version, answer))).collect();
    let mut balances = BTreeMap::from([(1, 0_u64)]);
    let mut balance = 0_u64;
    let mut latest_began = 0;
    for (&version, answer) in &accepted {
        if answer.change != 0 {
            balance = balance.checked_add_signed(answer.change).expect("a balance is never below zero");
            balances.insert(version, balance);
        }
        assert_eq!(answer.balance, balance, "the answer at version {version}");
        assert!(answer.ended >= latest_began, "version {version} was answered before an earlier one was asked for");
        latest_began = latest_began.max(answer.began);
    }
    for refused in history.iter().filter(|answer| answer.version.is_none()) {
        // Certainly written before the call, and possibly written before the answer.
        let first = accepted.iter().filter(|(_, a)| a.ended < refused.began).map(|(v, _)| *v).max().unwrap_or(1);
        let last = accepted.iter().filter(|(_, a)| a.began < refused.ended).map(|(v, _)| *v).max().unwrap_or(1);
        let seen = balances.range(..=first).next_back().into_iter().chain(balances.range(first..=last));
        let possible: Vec<u64> = seen.map(|(_, balance)| *balance).collect();
        assert!(possible.contains(&refused.balance), "refused at {}, possible were {possible:?}", refused.balance);
        assert!(refused.balance < refused.change.unsigned_abs(), "refused although enough was there");
    }
}

/// What tasks on several engines are answered, who deposit to and withdraw from one new account at the same time.
pub async fn history(engines: &[Engine], round: u64) -> Vec<Answered> {
    let id = open(&engines[0]).await;
    let time = Arc::new(AtomicU64::new(1));
    let start = Arc::new(Barrier::new(usize::try_from(TASKS).unwrap()));

    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let engine = engines[usize::try_from(task).unwrap() % engines.len()].clone();
            let (time, start) = (Arc::clone(&time), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                let mut history = Vec::new();
                for step in 0..20_u64 {
                    // A fixed mixture that differs from task to task and round to round.
                    let choice = (task * 7 + step * 13 + round * 29) % 10;
                    let began = time.fetch_add(1, Ordering::SeqCst);
                    let (change, answer) = match choice {
                        0..5 => (1 + choice.cast_signed(), engine.execute(Deposit { id, amount: 1 + choice }).await),
                        amount => (-amount.cast_signed(), engine.execute(Withdraw { id, amount }).await),
                    };
                    let ended = time.fetch_add(1, Ordering::SeqCst);
                    let (version, balance) = match answer {
                        Ok(receipt) => (Some(receipt.version.0), receipt.result),
                        Err(CommandError::Rejected(AccountError::Overdrawn { balance })) => (None, balance),
                        Err(other) => panic!("{other}"),
                    };
                    history.push(Answered { began, ended, version, change, balance });
                }
                history
            })
        })
        .collect();
    let mut history = Vec::new();
    for task in tasks {
        history.extend(task.await.unwrap());
    }
    history
}
