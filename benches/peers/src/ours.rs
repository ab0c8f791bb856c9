//! This framework: an aggregate, a projection and one engine, as its README writes them.

use std::sync::Arc;

use async_trait::async_trait;
use cqrs::{postgres::PostgresStore, prelude::*};
use uuid::Uuid;

use crate::{
    domain::{self, Account, Amount, PAYLOAD, Refused},
    peers::{Connect, Facts, Failure, Outcome, Peer, Projection as View},
};

static FACTS: Facts = Facts {
    name: crate::table::OURS,
    schema: "select 1",
    events: "select count(*) from cqrs.events",
    projection: Some(View {
        reset: "truncate cqrs.view_balances; update cqrs.checkpoints set position = 0",
        view: "select count(*), coalesce(sum((body$ ->> 'amount')::bigint), 0)::bigint from cqrs.view_balances",
    }),
    several: true,
    raw: false,
    notes: &[
        "Live aggregates are kept in memory, as eventsourced keeps its entities; to load is to begin with an engine that knows none.",
    ],
};

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "account", id = id)]
pub enum BankEvent {
    Opened { id: Uuid, owner: String },
    Deposited { id: Uuid, amount: u64, note: String },
}

impl BankEvent {
    fn deposited(id: Uuid, amount: u64) -> Self {
        // The stored payload has the fields only.
        #[derive(Serialize)]
        struct Stored {
            id: Uuid,
            amount: u64,
            note: String,
        }
        static NOTE: std::sync::LazyLock<String> =
            std::sync::LazyLock::new(|| domain::note(|note| Stored { id: Uuid::nil(), amount: 10, note }));
        debug_assert!(NOTE.len() < PAYLOAD);
        Self::Deposited { id, amount, note: NOTE.clone() }
    }
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = BankAccount)]
pub struct Open {
    #[cqrs(id)]
    pub id: Uuid,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = BankAccount)]
pub struct Deposit {
    #[cqrs(id)]
    pub id: Uuid,
    pub amount: Amount,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = BankAccount, result = Account)]
pub struct Look {
    #[cqrs(id)]
    pub id: Uuid,
}

pub struct BankAccount(Account);

#[aggregate(event = BankEvent, error = Refused)]
impl BankAccount {
    #[handle]
    fn open(command: &Open) -> Result<BankEvent, Refused> {
        Ok(BankEvent::Opened { id: command.id, owner: domain::owner(command.id) })
    }

    #[handle]
    fn deposit(&self, command: &Deposit) -> Result<Vec<BankEvent>, Refused> {
        Ok(self.0.deposit(command.amount)?.map(|amount| BankEvent::deposited(command.id, amount)).collect())
    }

    #[handle]
    fn look(&self, _: &Look) -> Result<(Option<BankEvent>, Account), Refused> {
        Ok((None, self.0))
    }

    #[on(Opened)]
    fn opened() -> Self {
        let mut account = Account::default();
        account.opened();
        Self(account)
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.0.deposited(amount);
    }
}

#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "balances")]
pub struct Balance {
    #[cqrs(key)]
    pub id: Uuid,
    pub amount: u64,
}

#[projection(event = BankEvent)]
impl Balance {
    #[on(Opened)]
    fn opened(id: Uuid) -> Self {
        Self { id, amount: 0 }
    }

    #[on(Deposited)]
    fn deposited(&mut self, amount: u64) {
        self.amount += amount;
    }
}

pub struct Ours;

#[async_trait]
impl Connect for Ours {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let store = PostgresStore::builder(url).connections(crate::peers::CONNECTIONS as usize).open().await?;
        let engine = Engine::builder(store.clone()).start().await?;
        Ok(Arc::new(Bank { store, engine }))
    }
}

struct Bank {
    store: PostgresStore,
    engine: Engine,
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        let id = Uuid::new_v4();
        self.engine.execute(Open { id }).await?;
        Ok(id)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        self.engine.execute(Deposit { id: account, amount }).await?;
        Ok(())
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        let engine = Engine::builder(self.store.clone()).start().await?;
        Ok(engine.execute(Look { id: account }).await?.result)
    }

    async fn prepare_projection(&self) -> Outcome<()> {
        Engine::builder(self.store.clone()).projection::<Balance>().start().await?;
        Ok(())
    }

    async fn project(&self) -> Outcome<()> {
        let engine = Engine::builder(self.store.clone()).projection::<Balance>().start().await?;
        let head = engine.head().await?;
        loop {
            match engine.projections().first() {
                Some(status) if status.position >= head => return Ok(()),
                Some(status) if status.stopped.is_some() => return Err(format!("{status:?}").into()),
                _ => tokio::time::sleep(std::time::Duration::from_millis(2)).await,
            }
        }
    }
}
