//! What every peer plays: a bank. An account is opened once and takes deposits; an event is 150 bytes of JSON.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The bytes of a stored `Deposited` event, as JSON, with every peer.
pub const PAYLOAD: usize = 150;

/// What a command may be refused for. No scenario provokes it, but every peer has to look.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the account is open already")]
    Open,
    #[error("there is no such account")]
    NoAccount,
    #[error("the bank cannot hold that much")]
    Overflow,
}

/// The state that every peer folds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub open: bool,
    pub balance: u64,
    pub deposits: u64,
}

impl Account {
    pub fn may_open(&self) -> Result<(), Refused> {
        if self.open { Err(Refused::Open) } else { Ok(()) }
    }

    /// The amounts of the events that a deposit makes.
    pub fn deposit(&self, amount: Amount) -> Result<impl Iterator<Item = u64> + use<>, Refused> {
        if !self.open {
            return Err(Refused::NoAccount);
        }
        self.balance.checked_add(amount.sum()).ok_or(Refused::Overflow)?;
        Ok(amount.each())
    }

    pub fn opened(&mut self) {
        self.open = true;
    }

    pub fn deposited(&mut self, amount: u64) {
        self.balance += amount;
        self.deposits += 1;
    }
}

/// What one command deposits.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    /// One event.
    One(u64),
    /// So many events, of 1, 2, 3, …
    Many(u64),
}

impl Amount {
    /// How many events the command makes.
    pub fn events(self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Many(count) => count,
        }
    }

    pub fn sum(self) -> u64 {
        self.each().sum()
    }

    pub fn each(self) -> impl Iterator<Item = u64> + use<> {
        match self {
            Self::One(amount) => amount..=amount,
            Self::Many(count) => 1..=count,
        }
    }
}

/// The event of peers that store its enum as serde writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountEvent {
    Opened { owner: String },
    Deposited { amount: u64, note: String },
}

impl AccountEvent {
    pub fn opened(account: Uuid) -> Self {
        Self::Opened { owner: owner(account) }
    }

    pub fn deposited(amount: u64) -> Self {
        static NOTE: LazyLock<String> = LazyLock::new(|| note(|note| AccountEvent::Deposited { amount: 10, note }));
        Self::Deposited { amount, note: NOTE.clone() }
    }

    pub fn apply(&self, account: &mut Account) {
        match self {
            Self::Opened { .. } => account.opened(),
            Self::Deposited { amount, .. } => account.deposited(*amount),
        }
    }
}

/// A note that fills the event that `event` makes up to [`PAYLOAD`] bytes of JSON.
pub fn note<E: Serialize>(event: impl FnOnce(String) -> E) -> String {
    const TEXT: &str =
        "Paid in at the counter by the holder, who showed a passport; receipt handed over, coins counted twice. ";
    let empty = serde_json::to_vec(&event(String::new())).map_or(0, |json| json.len());
    TEXT.chars().cycle().take(PAYLOAD.saturating_sub(empty)).collect()
}

/// The name on an account.
pub fn owner(account: Uuid) -> String {
    format!("holder of {account}")
}
