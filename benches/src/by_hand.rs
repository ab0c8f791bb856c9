//! The same bank in plain Rust, as one would write it without a framework: a match to decide, a match to apply.
#![allow(missing_docs, reason = "the names say it")]

use uuid::Uuid;

use crate::{
    Outcome,
    account::{AccountError, AccountEvent},
};

#[derive(Debug, Clone)]
pub enum Command {
    Open { id: Uuid, owner: String },
    Deposit { id: Uuid, amount: u64 },
    Withdraw { id: Uuid, amount: u64 },
}

impl Command {
    #[inline]
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Open { id, .. } | Self::Deposit { id, .. } | Self::Withdraw { id, .. } => *id,
        }
    }
}

#[derive(Debug)]
pub struct Account {
    pub balance: u64,
}

/// Decides a command, and answers the event and the balance afterwards.
#[inline]
pub fn decide(account: Option<&Account>, command: Command) -> Result<(AccountEvent, u64), AccountError> {
    match (account, command) {
        (None, Command::Open { id, owner }) => Ok((AccountEvent::Opened { id, owner }, 0)),
        (Some(_), Command::Open { id, .. }) => Err(AccountError::Exists(id)),
        (None, Command::Deposit { id, .. } | Command::Withdraw { id, .. }) => Err(AccountError::NotFound(id)),
        (Some(account), Command::Deposit { id, amount }) => {
            Ok((AccountEvent::Deposited { id, amount }, account.balance + amount))
        }
        (Some(account), Command::Withdraw { id, amount }) => {
            let balance = account.balance;
            let left = balance.checked_sub(amount).ok_or(AccountError::Overdrawn { balance })?;
            Ok((AccountEvent::Withdrawn { id, amount }, left))
        }
    }
}

#[inline]
pub fn apply(account: &mut Option<Account>, event: &AccountEvent) {
    match (account, event) {
        (account, AccountEvent::Opened { .. }) => *account = Some(Account { balance: 0 }),
        (Some(account), AccountEvent::Deposited { amount, .. }) => account.balance += amount,
        (Some(account), AccountEvent::Withdrawn { amount, .. }) => account.balance -= amount,
        (None, _) => {}
    }
}

/// Reads an event that was stored under the name of its type.
pub fn decode(event_type: &str, payload: &[u8]) -> Outcome<AccountEvent> {
    #[derive(serde::Deserialize)]
    struct Opened {
        id: Uuid,
        owner: String,
    }
    #[derive(serde::Deserialize)]
    struct Moved {
        id: Uuid,
        amount: u64,
    }
    Ok(match event_type {
        "account.opened" => {
            let Opened { id, owner } = serde_json::from_slice(payload)?;
            AccountEvent::Opened { id, owner }
        }
        "account.deposited" => {
            let Moved { id, amount } = serde_json::from_slice(payload)?;
            AccountEvent::Deposited { id, amount }
        }
        "account.withdrawn" => {
            let Moved { id, amount } = serde_json::from_slice(payload)?;
            AccountEvent::Withdrawn { id, amount }
        }
        other => return Err(format!("no event is called `{other}`").into()),
    })
}
