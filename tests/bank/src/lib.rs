//! Accounts and their balances: the domain of the examples in the documentation, compiled once for all of them.
#![allow(missing_docs)]

use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "account", id = id)]
pub enum AccountEvent {
    Opened {
        id: u32,
        #[cqrs(unique, taken = AccountError::OwnerHasOne)]
        owner: String,
    },
    Deposited {
        id: u32,
        amount: u64,
    },
    Withdrawn {
        id: u32,
        amount: u64,
    },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Account)]
pub struct Open {
    #[cqrs(id)]
    pub id: u32,
    pub owner: String,
}

/// Answers the balance afterwards.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Account, result = u64)]
pub struct Deposit {
    #[cqrs(id)]
    pub id: u32,
    pub amount: u64,
}

/// Answers the balance afterwards.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Account, result = u64)]
pub struct Withdraw {
    #[cqrs(id)]
    pub id: u32,
    pub amount: u64,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum AccountError {
    #[error("no such account: {0}")]
    NotFound(u32),
    #[error("{0} has an account already")]
    OwnerHasOne(String),
    #[error("only {balance} are left")]
    Overdrawn { balance: u64 },
}

pub struct Account {
    balance: u64,
}

#[aggregate(event = AccountEvent, error = AccountError, not_found = AccountError::NotFound)]
impl Account {
    #[handle]
    fn open(Open { id, owner }: Open) -> Result<AccountEvent, AccountError> {
        Ok(AccountEvent::Opened { id, owner })
    }

    #[handle]
    fn deposit(&self, Deposit { id, amount }: Deposit) -> Result<(AccountEvent, u64), AccountError> {
        Ok((AccountEvent::Deposited { id, amount }, self.balance + amount))
    }

    #[handle]
    fn withdraw(&self, Withdraw { id, amount }: Withdraw) -> Result<(AccountEvent, u64), AccountError> {
        let left = self.balance.checked_sub(amount).ok_or(AccountError::Overdrawn { balance: self.balance })?;
        Ok((AccountEvent::Withdrawn { id, amount }, left))
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "balances")]
pub struct Balance {
    #[cqrs(key)]
    pub id: u32,
    #[cqrs(index)]
    pub owner: String,
    #[cqrs(index)]
    pub amount: u64,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = Balance, result = Option<Balance>)]
pub struct GetBalance {
    pub id: u32,
}

#[projection(event = AccountEvent)]
impl Balance {
    #[on(Opened)]
    fn opened(id: u32, owner: String) -> Self {
        Self { id, owner, amount: 0 }
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.amount += amount;
    }

    #[on(Withdrawn)]
    fn withdrawn(&mut self, amount: u64) {
        self.amount -= amount;
    }

    #[handle]
    async fn get(balances: &Views<Self>, query: GetBalance) -> Result<Option<Self>, QueryError> {
        balances.get(&query.id).await
    }
}
