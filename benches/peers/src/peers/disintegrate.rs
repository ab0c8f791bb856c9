//! disintegrate 4.0 with disintegrate-postgres: decisions by a `DecisionMaker`, a read model by a `PgEventListener`.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use async_trait::async_trait;
use disintegrate::{
    Decision, DecisionError, Event, EventListener, EventSourcedStateStore, LoadState, NoSnapshot, PersistedEvent,
    StateMutate, StateQuery, StreamQuery, query, serde::json::Json,
};
use disintegrate_postgres::{
    Error, Migrator, PgDecisionMaker, PgEventId, PgEventListener, PgEventListenerConfig, PgEventStore, decision_maker,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use tokio::{sync::oneshot, time};
use uuid::Uuid;

use super::{BALANCES_VIEW, BoxError, CONNECTIONS, Connect, Facts, Failure, Outcome, Peer, Projection, pool};
use crate::domain::{Account, Amount, Refused, note, owner};

static FACTS: Facts = Facts {
    name: "disintegrate",
    schema: include_str!("disintegrate.sql"),
    events: "select count(*) from event",
    projection: Some(Projection {
        reset: "truncate balances; update event_listener set last_processed_event_id = 0",
        view: BALANCES_VIEW,
    }),
    several: true,
    raw: false,
    notes: &[
        "Its own set-up fails before PostgreSQL 16; its statements are run by hand, with one number spelt otherwise.",
        "No snapshots: one that does not decode is taken for the state at its version. Streams are short but for one.",
        "A conflict (`Concurrency`, or a serialization failure, which it has on distinct streams too) is to be \
         tried again by the user: the bench repeats the decision at once.",
        "Projecting is a listener that upserts event by event, as its documentation shows, with the fetch size left unlimited.",
    ],
};

pub struct Disintegrate;

#[async_trait]
impl Connect for Disintegrate {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let pool = pool(url, CONNECTIONS).await?;
        let store = PgEventStore::new_uninitialized(pool.clone(), Json::default());
        Ok(Arc::new(Bank { maker: decision_maker(store.clone(), NoSnapshot), store, pool }))
    }
}

type Store = PgEventStore<BankEvent, Json<BankEvent>>;

struct Bank {
    maker: PgDecisionMaker<BankEvent, Json<BankEvent>, NoSnapshot>,
    store: Store,
    pool: PgPool,
}

#[derive(Debug, Clone, PartialEq, Eq, Event, Serialize, Deserialize)]
#[stream(AccountEvent, [Opened, Deposited])]
enum BankEvent {
    Opened {
        #[id]
        account: Uuid,
        owner: String,
    },
    Deposited {
        #[id]
        account: Uuid,
        amount: u64,
        note: String,
    },
}

impl BankEvent {
    fn deposited(account: Uuid, amount: u64) -> Self {
        static NOTE: LazyLock<String> =
            LazyLock::new(|| note(|note| BankEvent::Deposited { account: Uuid::nil(), amount: 10, note }));
        Self::Deposited { account, amount, note: NOTE.clone() }
    }
}

#[derive(Debug, Default, Clone, StateQuery, Serialize, Deserialize)]
#[state_query(AccountEvent)]
struct AccountState {
    #[id]
    account: Uuid,
    state: Account,
}

impl AccountState {
    fn of(account: Uuid) -> Self {
        Self { account, state: Account::default() }
    }
}

impl StateMutate for AccountState {
    fn mutate(&mut self, event: Self::Event) {
        match event {
            AccountEvent::Opened { .. } => self.state.opened(),
            AccountEvent::Deposited { amount, .. } => self.state.deposited(amount),
        }
    }
}

struct Open(Uuid);

impl Decision for Open {
    type Event = BankEvent;
    type StateQuery = AccountState;
    type Error = Refused;

    fn state_query(&self) -> AccountState {
        AccountState::of(self.0)
    }

    fn process(&self, account: &AccountState) -> Result<Vec<BankEvent>, Refused> {
        account.state.may_open()?;
        Ok(vec![BankEvent::Opened { account: self.0, owner: owner(self.0) }])
    }
}

struct Deposit(Uuid, Amount);

impl Decision for Deposit {
    type Event = BankEvent;
    type StateQuery = AccountState;
    type Error = Refused;

    fn state_query(&self) -> AccountState {
        AccountState::of(self.0)
    }

    fn process(&self, account: &AccountState) -> Result<Vec<BankEvent>, Refused> {
        Ok(account.state.deposit(self.1)?.map(|amount| BankEvent::deposited(self.0, amount)).collect())
    }
}

fn failure(error: DecisionError<Refused>) -> Failure {
    let conflict = match &error {
        DecisionError::StateStore(source) | DecisionError::EventStore(source) => {
            source.downcast_ref::<Error>().is_some_and(|error| match error {
                Error::Concurrency => true,
                Error::Database(error) => {
                    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == "40001")
                }
                _ => false,
            })
        }
        DecisionError::Domain(_) => false,
    };
    if conflict { Failure::Conflict } else { Failure::Other(Box::new(error)) }
}

struct Balances {
    query: StreamQuery<PgEventId, BankEvent>,
    pool: PgPool,
}

#[async_trait]
impl EventListener<PgEventId, BankEvent> for Balances {
    type Error = sqlx::Error;

    fn id(&self) -> &'static str {
        "balances"
    }

    fn query(&self) -> &StreamQuery<PgEventId, BankEvent> {
        &self.query
    }

    async fn handle(&self, event: PersistedEvent<PgEventId, BankEvent>) -> Result<(), sqlx::Error> {
        let id = event.id();
        let (account, amount) = match event.into_inner() {
            BankEvent::Opened { account, .. } => (account, 0),
            BankEvent::Deposited { account, amount, .. } => (account, amount),
        };
        sqlx::query(
            "insert into balances values ($1, $2, $3) on conflict (account) do update \
             set balance = balances.balance + excluded.balance, event_id = excluded.event_id \
             where balances.event_id < excluded.event_id",
        )
        .bind(account)
        .bind(amount.cast_signed())
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        let account = Uuid::new_v4();
        // Even these have conflicts.
        loop {
            match self.maker.make(Open(account)).await.map_err(failure) {
                Err(Failure::Conflict) => {}
                Err(other) => return Err(other),
                Ok(_) => return Ok(account),
            }
        }
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        self.maker.make(Deposit(account, amount)).await.map_err(failure)?;
        Ok(())
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        let states = EventSourcedStateStore::new(self.store.clone(), NoSnapshot);
        let loaded = LoadState::<PgEventId, AccountState, BankEvent>::load(&states, AccountState::of(account)).await?;
        Ok(loaded.state().state)
    }

    async fn prepare_projection(&self) -> Outcome<()> {
        Ok(Migrator::new(self.store.clone()).init_listener().await?)
    }

    async fn project(&self) -> Outcome<()> {
        let balances = Balances { query: query!(BankEvent), pool: self.pool.clone() };
        let config = PgEventListenerConfig::poller(Duration::from_secs(5)).with_notifier();
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = PgEventListener::builder(self.store.clone()).uninitialized().register_listener(balances, config);
        let listener = tokio::spawn(listener.start_with_shutdown(async move {
            stopped.await.ok();
        }));
        let caught_up = "select last_processed_event_id >= (select max(event_id) from event) from event_listener";
        while !listener.is_finished()
            && !sqlx::query_scalar::<_, bool>(caught_up).fetch_optional(&self.pool).await?.unwrap_or_default()
        {
            time::sleep(Duration::from_millis(20)).await;
        }
        stop.send(()).map_err(|()| BoxError::from("the listener stopped"))?;
        Ok(listener.await??)
    }
}
