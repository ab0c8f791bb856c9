//! eventcore 2.1 with eventcore-postgres: `execute` with its own retries, read models by its transactional projections.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use eventcore::{
    Command, CommandError, CommandLogic, Event, NewEvents, RetryPolicy, StreamId, collect_events, execute,
};
use eventcore_postgres::{
    PostgresEventStore,
    projections::{
        DeliveryPosition, DeliverySourceId, EventTypeName, NoopAfterCommit, Postgres, PostgresProjectionConfig,
        PostgresProjectionSource, PostgresProjectionStore, PostgresProjector, ProjectionSelection,
        ProjectionSelectionId, ProjectionStreamFilter, ProjectorName, Transaction, run_transactional_projection,
    },
};
use eventcore_types::{BatchSize, EventStore};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::{runtime::Handle, task};
use uuid::Uuid;

use super::{BALANCES, BALANCES_VIEW, CONNECTIONS, Connect, Facts, Failure, Outcome, Peer, Projection, pool};
use crate::domain::{Account, Amount, note, owner};

static FACTS: Facts = Facts {
    name: "eventcore",
    schema: BALANCES,
    events: "select count(*) from eventcore_events",
    projection: Some(Projection {
        reset: "truncate balances; delete from eventcore_projection_progress",
        view: BALANCES_VIEW,
    }),
    several: true,
    raw: false,
    notes: &[
        "`execute` with `RetryPolicy::new()`: four retries, from 10 ms on; what conflicts still then is repeated and counted.",
        "Projecting is `run_transactional_projection` with pages of 1,000; its source, which numbers every append, is only \
         migrated on the database of that scenario, so commands run without its cost.",
    ],
};

pub struct EventCore;

#[async_trait]
impl Connect for EventCore {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let pool = pool(url, CONNECTIONS).await?;
        let store = PostgresEventStore::from_pool(pool.clone());
        store.migrate().await;
        Ok(Arc::new(Bank { store, pool }))
    }
}

struct Bank {
    store: PostgresEventStore,
    pool: PgPool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum BankEvent {
    Opened { account: StreamId, owner: String },
    Deposited { account: StreamId, amount: u64, note: String },
}

impl BankEvent {
    fn deposited(account: &StreamId, amount: u64) -> Self {
        static NOTE: LazyLock<String> = LazyLock::new(|| {
            let nil = Uuid::nil().to_string();
            StreamId::try_new(nil).map_or_else(
                |_| String::new(),
                |account| note(|note| BankEvent::Deposited { account, amount: 10, note }),
            )
        });
        Self::Deposited { account: account.clone(), amount, note: NOTE.clone() }
    }

    fn apply(&self, account: &mut Account) {
        match self {
            Self::Opened { .. } => account.opened(),
            Self::Deposited { amount, .. } => account.deposited(*amount),
        }
    }
}

impl Event for BankEvent {
    fn stream_id(&self) -> &StreamId {
        match self {
            Self::Opened { account, .. } | Self::Deposited { account, .. } => account,
        }
    }

    fn event_type_name() -> &'static str {
        "BankEvent"
    }
}

#[derive(Command)]
struct Open {
    #[stream]
    account: StreamId,
    owner: String,
}

impl CommandLogic for Open {
    type Event = BankEvent;
    type State = Account;

    fn apply(&self, mut state: Account, event: &BankEvent) -> Account {
        event.apply(&mut state);
        state
    }

    fn handle(&self, state: Account) -> Result<NewEvents<BankEvent>, CommandError> {
        state.may_open().map_err(CommandError::business_rule_violated)?;
        Ok(vec![BankEvent::Opened { account: self.account.clone(), owner: self.owner.clone() }].into())
    }
}

#[derive(Command)]
struct Deposit {
    #[stream]
    account: StreamId,
    amount: Amount,
}

impl CommandLogic for Deposit {
    type Event = BankEvent;
    type State = Account;

    fn apply(&self, mut state: Account, event: &BankEvent) -> Account {
        event.apply(&mut state);
        state
    }

    fn handle(&self, state: Account) -> Result<NewEvents<BankEvent>, CommandError> {
        let amounts = state.deposit(self.amount).map_err(CommandError::business_rule_violated)?;
        Ok(amounts.map(|amount| BankEvent::deposited(&self.account, amount)).collect::<Vec<_>>().into())
    }
}

fn stream(account: Uuid) -> Outcome<StreamId> {
    Ok(StreamId::try_new(account.to_string())?)
}

struct Balances {
    name: ProjectorName,
}

impl PostgresProjector for Balances {
    type Event = BankEvent;
    type Error = sqlx::Error;
    type AfterCommit = NoopAfterCommit;

    fn name(&self) -> &ProjectorName {
        &self.name
    }

    async fn apply<'a, 'c>(
        &'a mut self,
        event: &'a BankEvent,
        _: DeliveryPosition,
        transaction: &'a mut Transaction<'c, Postgres>,
    ) -> Result<NoopAfterCommit, sqlx::Error>
    where
        'c: 'a,
    {
        let amount = match event {
            BankEvent::Opened { .. } => 0,
            BankEvent::Deposited { amount, .. } => *amount,
        };
        sqlx::query(
            "insert into balances values ($1::uuid, $2) on conflict (account) do update \
             set balance = balances.balance + excluded.balance",
        )
        .bind(Uuid::try_parse(event.stream_id().as_ref()).unwrap_or_default())
        .bind(amount.cast_signed())
        .execute(&mut **transaction)
        .await?;
        Ok(NoopAfterCommit)
    }
}

impl Bank {
    async fn execute(&self, command: impl CommandLogic<Event = BankEvent>) -> Result<(), Failure> {
        match execute(&self.store, command, RetryPolicy::new()).await {
            Err(CommandError::ConcurrencyError(_)) => Err(Failure::Conflict),
            other => {
                other?;
                Ok(())
            }
        }
    }

    fn source(&self) -> Outcome<PostgresProjectionSource> {
        Ok(PostgresProjectionSource::from_pool(self.pool.clone(), DeliverySourceId::try_new("bank")?))
    }
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        let account = Uuid::new_v4();
        self.execute(Open { account: stream(account)?, owner: owner(account) }).await?;
        Ok(account)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        self.execute(Deposit { account: stream(account)?, amount }).await
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        let events = collect_events(self.store.read_stream::<BankEvent>(stream(account)?).await?).await?;
        Ok(events.iter().fold(Account::default(), |mut account, event| {
            event.apply(&mut account);
            account
        }))
    }

    async fn prepare_projection(&self) -> Outcome<()> {
        let (source, destination) = (self.source()?, PostgresProjectionStore::from_pool(self.pool.clone()));
        // These futures are not `Send` for all the compiler can see.
        let migrate = move || {
            Handle::current().block_on(async {
                source.migrate().await?;
                destination.migrate().await?;
                Ok(())
            })
        };
        task::spawn_blocking(migrate).await?
    }

    async fn project(&self) -> Outcome<()> {
        let selection = ProjectionSelection::try_new(
            ProjectionSelectionId::try_new("bank-v1")?,
            ProjectionStreamFilter::All,
            vec![EventTypeName::try_new("BankEvent")?],
        )?;
        let config = PostgresProjectionConfig::new(selection).with_batch_size(BatchSize::new(1000))?;
        let destination = PostgresProjectionStore::from_pool(self.pool.clone());
        let projector = Balances { name: ProjectorName::try_new("balances")? };
        run_transactional_projection(projector, &self.source()?, &destination, config).await?;
        Ok(())
    }
}
