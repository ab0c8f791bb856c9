//! A small bank: the domain that most tests are about.

use cqrs::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "account", id = id)]
pub enum AccountEvent {
    Opened {
        id: Uuid,
        #[cqrs(unique, taken = AccountError::OwnerHasOne)]
        owner: String,
    },
    Deposited {
        id: Uuid,
        amount: u64,
    },
    Withdrawn {
        id: Uuid,
        amount: u64,
    },
    #[cqrs(release(owner))]
    Closed {
        id: Uuid,
    },
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum AccountError {
    #[error("no such account: {0}")]
    NotFound(Uuid),
    #[error("{0} has an account already")]
    OwnerHasOne(String),
    #[error("only {balance} are left")]
    Overdrawn { balance: u64 },
    #[error("the account is closed")]
    Closed,
}

#[derive(Debug, Clone, Serialize, Deserialize, Command)]
#[cqrs(aggregate = Account)]
pub struct Open {
    #[cqrs(id)]
    pub id: Uuid,
    pub owner: String,
}

/// Answers the balance afterwards.
#[derive(Debug, Clone, Serialize, Deserialize, Command)]
#[cqrs(aggregate = Account, result = u64)]
pub struct Deposit {
    #[cqrs(id)]
    pub id: Uuid,
    pub amount: u64,
}

/// Answers the balance afterwards.
#[derive(Debug, Clone, Serialize, Deserialize, Command)]
#[cqrs(aggregate = Account, result = u64)]
pub struct Withdraw {
    #[cqrs(id)]
    pub id: Uuid,
    pub amount: u64,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Account)]
pub struct Close {
    #[cqrs(id)]
    pub id: Uuid,
}

/// A handler with a bug in it.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Account)]
pub struct Panic {
    #[cqrs(id)]
    pub id: Uuid,
}

/// A handler that returns an event about another account.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Account)]
pub struct Misdirect {
    #[cqrs(id)]
    pub id: Uuid,
}

/// A handler that brings to life what lives.
#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Account)]
pub struct OpenAgain {
    #[cqrs(id)]
    pub id: Uuid,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    balance: u64,
    closed: bool,
}

// Often, so that most tests pass over some.
#[aggregate(event = AccountEvent, error = AccountError, not_found = AccountError::NotFound, snapshot(every = 7))]
impl Account {
    #[handle]
    pub fn open(Open { id, owner }: Open) -> Result<AccountEvent, AccountError> {
        Ok(AccountEvent::Opened { id, owner })
    }

    #[handle]
    fn deposit(&self, command: &Deposit) -> Result<(AccountEvent, u64), AccountError> {
        if self.closed {
            return Err(AccountError::Closed);
        }
        let &Deposit { id, amount } = command;
        Ok((AccountEvent::Deposited { id, amount }, self.balance + amount))
    }

    /// Nothing is withdrawn where nothing is asked for.
    #[handle]
    fn withdraw(&self, command: Withdraw) -> Result<(Option<AccountEvent>, u64), AccountError> {
        let Withdraw { id, amount } = command;
        let balance = self.balance.checked_sub(amount).ok_or(AccountError::Overdrawn { balance: self.balance })?;
        Ok(((amount > 0).then_some(AccountEvent::Withdrawn { id, amount }), balance))
    }

    /// Pays out what is left.
    #[handle]
    fn close(&self, command: Close) -> Result<Vec<AccountEvent>, AccountError> {
        if self.closed {
            return Err(AccountError::Closed);
        }
        let id = command.id;
        let rest = (self.balance > 0).then_some(AccountEvent::Withdrawn { id, amount: self.balance });
        Ok(rest.into_iter().chain([AccountEvent::Closed { id }]).collect())
    }

    #[handle]
    fn panic(&self, _command: Panic) -> Result<AccountEvent, AccountError> {
        panic!("a bug on purpose")
    }

    #[handle]
    fn misdirect(&self, _command: Misdirect) -> Result<AccountEvent, AccountError> {
        Ok(AccountEvent::Deposited { id: Uuid::nil(), amount: 1 })
    }

    #[handle]
    fn open_again(&self, command: OpenAgain) -> Result<AccountEvent, AccountError> {
        Ok(AccountEvent::Opened { id: command.id, owner: "again".into() })
    }

    #[on(Opened)]
    fn opened(owner: &str) -> Self {
        Self { balance: 0, closed: owner.is_empty() }
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.balance += amount;
    }

    #[on(Withdrawn)]
    fn withdrawn(&mut self, amount: u64) {
        self.balance -= amount;
    }

    #[on(Closed)]
    fn closed(&mut self) {
        self.closed = true;
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "balances")]
pub struct BalanceView {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub owner: String,
    #[cqrs(index)]
    pub balance: u64,
    pub changes: u64,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = BalanceView, result = Option<BalanceView>)]
pub struct GetBalance {
    pub id: Uuid,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = BalanceView, result = Vec<BalanceView>)]
pub struct Richest {
    pub page: u32,
    pub size: u32,
}

/// Closed accounts leave the table.
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

    #[on(Closed)]
    fn closed(&mut self) -> Change {
        Change::Delete
    }

    #[handle]
    async fn get(views: &Views<Self>, query: GetBalance) -> Result<Option<Self>, QueryError> {
        views.get(&query.id).await
    }

    #[handle]
    async fn richest(views: &Views<Self>, query: Richest) -> Result<Vec<Self>, QueryError> {
        views.order_by(Self::BALANCE.descending()).page(query.page, query.size).await
    }
}

/// An engine on a store, with the account's commands and views.
pub async fn engine<S: cqrs::EventStore + cqrs::ReadModelStore>(store: S) -> Engine {
    Engine::builder(store).aggregate::<Account>().projection::<BalanceView>().start().await.unwrap()
}

/// Opens an account under a name of its own.
pub async fn open(engine: &Engine) -> Uuid {
    let id = Uuid::now_v7();
    engine.execute(Open { id, owner: format!("owner of {id}") }).await.unwrap();
    id
}
