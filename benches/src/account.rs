//! A small bank, annotated: what all benches but `compile` are about.
#![allow(missing_docs, reason = "the names say it")]

use cqrs::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "account", id = id)]
pub enum AccountEvent {
    Opened { id: Uuid, owner: String },
    Deposited { id: Uuid, amount: u64 },
    Withdrawn { id: Uuid, amount: u64 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum AccountError {
    #[error("no such account: {0}")]
    NotFound(Uuid),
    #[error("there is an account already: {0}")]
    Exists(Uuid),
    #[error("only {balance} are left")]
    Overdrawn { balance: u64 },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Account)]
pub struct Open {
    #[cqrs(id)]
    pub id: Uuid,
    pub owner: String,
}

/// Answers the balance afterwards.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Account, result = u64)]
pub struct Deposit {
    #[cqrs(id)]
    pub id: Uuid,
    pub amount: u64,
}

/// Answers the balance afterwards.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Account, result = u64)]
pub struct Withdraw {
    #[cqrs(id)]
    pub id: Uuid,
    pub amount: u64,
}

#[derive(Debug)]
pub struct Account {
    balance: u64,
}

#[aggregate(event = AccountEvent, error = AccountError, not_found = AccountError::NotFound, already_exists = AccountError::Exists)]
impl Account {
    #[handle]
    fn open(Open { id, owner }: Open) -> Result<AccountEvent, AccountError> {
        Ok(AccountEvent::Opened { id, owner })
    }

    #[handle]
    fn deposit(&self, command: &Deposit) -> Result<(AccountEvent, u64), AccountError> {
        let &Deposit { id, amount } = command;
        Ok((AccountEvent::Deposited { id, amount }, self.balance + amount))
    }

    #[handle]
    fn withdraw(&self, command: &Withdraw) -> Result<(AccountEvent, u64), AccountError> {
        let &Withdraw { id, amount } = command;
        let balance = self.balance.checked_sub(amount).ok_or(AccountError::Overdrawn { balance: self.balance })?;
        Ok((AccountEvent::Withdrawn { id, amount }, balance))
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
pub struct BalanceView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub owner: String,
    pub balance: u64,
    pub changes: u64,
}

#[derive(Debug, Query)]
#[cqrs(model = BalanceView, result = Option<BalanceView>)]
pub struct GetBalance {
    pub id: Uuid,
}

#[projection(event = AccountEvent)]
impl BalanceView {
    #[on(Opened)]
    fn opened(id: Uuid, owner: String) -> Self {
        Self { id, owner, balance: 0, changes: 0 }
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.balance += amount;
        self.changes += 1;
    }

    #[on(Withdrawn)]
    fn withdrawn(&mut self, amount: u64) {
        self.balance -= amount;
        self.changes += 1;
    }

    #[handle]
    async fn get(views: &Views<Self>, query: GetBalance) -> Result<Option<Self>, QueryError> {
        views.get(&query.id).await
    }
}
