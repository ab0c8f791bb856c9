//! esrs 0.18: `AggregateManager` over `PgStore`, optimistic on many streams, by its lock on a contended one.

use std::sync::Arc;

use async_trait::async_trait;
use esrs::{
    Aggregate, AggregateState,
    handler::TransactionalEventHandler,
    manager::AggregateManager,
    rebuilder::{PgRebuilder, Rebuilder},
    store::{
        StoreEvent,
        postgres::{PgStore, PgStoreBuilder, PgStoreError},
    },
};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{BALANCES, BALANCES_VIEW, CONNECTIONS, Connect, Facts, Failure, Outcome, Peer, Projection, is_taken, pool};
use crate::domain::{Account, AccountEvent, Amount, Refused};

static FACTS: Facts = Facts {
    name: "esrs",
    schema: BALANCES,
    events: "select count(*) from account_events",
    projection: Some(Projection { reset: "truncate balances", view: BALANCES_VIEW }),
    several: true,
    raw: false,
    notes: &[
        "Commands load optimistically; on the contended stream by `lock_and_load`, as its example of locking strategies shows, \
         with a pool of 48, for a locked command takes two connections at once and a pool of as many as there are tasks stands still.",
        "Projecting is `PgRebuilder::by_aggregate_id` with a transactional handler; `all_at_once` deletes a row before each event.",
    ],
};

pub struct Esrs;

#[async_trait]
impl Connect for Esrs {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let events = pool(url, CONNECTIONS).await?;
        let locking = pool(url, 3 * CONNECTIONS).await?;
        Ok(Arc::new(Bank {
            manager: AggregateManager::new(PgStoreBuilder::new(events.clone()).try_build().await?),
            locking: AggregateManager::new(
                PgStoreBuilder::new(locking).without_running_migrations().try_build().await?,
            ),
            pool: events,
        }))
    }
}

type Manager = AggregateManager<PgStore<BankAccount>>;

struct Bank {
    manager: Manager,
    locking: Manager,
    pool: PgPool,
}

enum Command {
    Open(Uuid),
    Deposit(Amount),
}

struct BankAccount;

impl Aggregate for BankAccount {
    const NAME: &'static str = "account";
    type State = Account;
    type Command = Command;
    type Event = AccountEvent;
    type Error = Refused;

    fn handle_command(state: &Account, command: Command) -> Result<Vec<AccountEvent>, Refused> {
        match command {
            Command::Open(account) => state.may_open().map(|()| vec![AccountEvent::opened(account)]),
            Command::Deposit(amount) => Ok(state.deposit(amount)?.map(AccountEvent::deposited).collect()),
        }
    }

    fn apply_event(mut state: Account, event: AccountEvent) -> Account {
        event.apply(&mut state);
        state
    }
}

struct Balances;

#[async_trait]
impl TransactionalEventHandler<BankAccount, PgStoreError, PgConnection> for Balances {
    async fn handle(
        &self,
        event: &StoreEvent<AccountEvent>,
        connection: &mut PgConnection,
    ) -> Result<(), PgStoreError> {
        let amount = match event.payload {
            AccountEvent::Opened { .. } => 0,
            AccountEvent::Deposited { amount, .. } => amount,
        };
        sqlx::query(
            "insert into balances values ($1, $2) on conflict (account) do update set balance = balances.balance + excluded.balance",
        )
        .bind(event.aggregate_id)
        .bind(amount.cast_signed())
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn delete(&self, account: Uuid, connection: &mut PgConnection) -> Result<(), PgStoreError> {
        sqlx::query("delete from balances where account = $1").bind(account).execute(connection).await?;
        Ok(())
    }
}

async fn handle(manager: &Manager, state: AggregateState<Account>, command: Command) -> Result<(), Failure> {
    match manager.handle_command(state, command).await {
        Err(PgStoreError::Sqlx(error)) if is_taken(&error) => Err(Failure::Conflict),
        other => {
            other??;
            Ok(())
        }
    }
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        let state = AggregateState::default();
        let account = *state.id();
        handle(&self.manager, state, Command::Open(account)).await?;
        Ok(account)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        let state = self.manager.load(account).await?.unwrap_or_default();
        handle(&self.manager, state, Command::Deposit(amount)).await
    }

    async fn deposit_contended(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        let state = self.locking.lock_and_load(account).await?.unwrap_or_default();
        handle(&self.locking, state, Command::Deposit(amount)).await
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        Ok(self.manager.load(account).await?.map(AggregateState::into_inner).unwrap_or_default())
    }

    async fn project(&self) -> Outcome<()> {
        let rebuilder = PgRebuilder::<BankAccount>::new().with_transactional_event_handlers(vec![Box::new(Balances)]);
        Ok(rebuilder.by_aggregate_id(self.pool.clone()).await?)
    }
}
