//! cqrs-es 0.5 with postgres-es: the event-sourced store of its user guide, views by `GenericQuery`.

use std::sync::Arc;

use async_trait::async_trait;
use cqrs_es::{
    Aggregate, AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore, View,
    event_sink::EventSink,
    persist::{GenericQuery, PersistedEventStore, QueryReplay},
};
use postgres_es::{PostgresCqrs, PostgresEventRepository, PostgresViewRepository, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::{CONNECTIONS, Connect, Facts, Failure, Outcome, Peer, Projection, pool};
use crate::domain::{Account, AccountEvent, Amount, Refused};

static FACTS: Facts = Facts {
    name: "cqrs-es",
    schema: include_str!("cqrs_es.sql"),
    events: "select count(*) from events",
    projection: Some(Projection {
        reset: "truncate balances",
        view: "select count(*), coalesce(sum((payload->>'balance')::bigint), 0)::bigint from balances",
    }),
    several: true,
    raw: false,
    notes: &[
        "Events are the source of truth. Its snapshots apply events twice, so they are not used.",
        "A conflict is `AggregateConflict`, to be tried again by the user: the bench repeats the command at once.",
        "Projecting is `QueryReplay::replay_all` into a `GenericQuery`, a read and a write for each event.",
    ],
};

pub struct CqrsEs;

#[async_trait]
impl Connect for CqrsEs {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let pool = pool(url, CONNECTIONS).await?;
        let cqrs = postgres_cqrs(pool.clone(), vec![], ());
        let store = PersistedEventStore::new_event_store(PostgresEventRepository::new(pool.clone()));
        Ok(Arc::new(Bank { cqrs, store, pool }))
    }
}

struct Bank {
    cqrs: PostgresCqrs<BankAccount>,
    store: PersistedEventStore<PostgresEventRepository, BankAccount>,
    pool: PgPool,
}

enum Command {
    Open(Uuid),
    Deposit(Amount),
}

impl DomainEvent for AccountEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Opened { .. } => "Opened",
            Self::Deposited { .. } => "Deposited",
        }
        .into()
    }

    fn event_version(&self) -> String {
        "1.0".into()
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct BankAccount(Account);

impl Aggregate for BankAccount {
    const TYPE: &'static str = "account";
    type Command = Command;
    type Event = AccountEvent;
    type Error = Refused;
    type Services = ();

    async fn handle(&mut self, command: Command, _: &(), sink: &EventSink<Self>) -> Result<(), Refused> {
        match command {
            Command::Open(account) => {
                self.0.may_open()?;
                sink.write(AccountEvent::opened(account), self).await;
            }
            Command::Deposit(amount) => {
                for amount in self.0.deposit(amount)? {
                    sink.write(AccountEvent::deposited(amount), self).await;
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, event: AccountEvent) {
        event.apply(&mut self.0);
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Balance {
    balance: u64,
}

impl View<BankAccount> for Balance {
    fn update(&mut self, event: &EventEnvelope<BankAccount>) {
        if let AccountEvent::Deposited { amount, .. } = event.payload {
            self.balance += amount;
        }
    }
}

impl Bank {
    async fn execute(&self, account: Uuid, command: Command) -> Result<(), Failure> {
        match self.cqrs.execute(&account.to_string(), command).await {
            Err(AggregateError::AggregateConflict) => Err(Failure::Conflict),
            other => Ok(other?),
        }
    }
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        let account = Uuid::new_v4();
        self.execute(account, Command::Open(account)).await?;
        Ok(account)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        self.execute(account, Command::Deposit(amount)).await
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        Ok(self.store.load_aggregate(&account.to_string()).await?.aggregate().0)
    }

    async fn project(&self) -> Outcome<()> {
        let events = PostgresEventRepository::new(self.pool.clone()).with_streaming_channel_size(1000);
        let views = PostgresViewRepository::<Balance, BankAccount>::new("balances", self.pool.clone());
        let replay = QueryReplay::new(events, GenericQuery::new(Arc::new(views)));
        Ok(replay.replay_all().await?)
    }
}
