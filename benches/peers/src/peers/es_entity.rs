//! es-entity 0.20: an entity, its generated repository, `find_by_id` and `update`.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use es_entity::{errlanes::TransientKind, *};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CONNECTIONS, Connect, Facts, Failure, Outcome, Peer, pool};
use crate::domain::{self, Amount, Refused, note, owner};

static FACTS: Facts = Facts {
    name: "es-entity",
    schema: include_str!("../../migrations/0001_es_entity.sql"),
    events: "select count(*) from account_events",
    projection: None,
    several: true,
    raw: false,
    notes: &[
        "A conflict (`OptimisticConflict`, a transient fault) is to be tried again by the user: the bench repeats the command at once.",
        "It has no projections over a log; what is to be queried are columns of its index table.",
    ],
};

pub struct EsEntityPeer;

#[async_trait]
impl Connect for EsEntityPeer {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        Ok(Arc::new(Bank { accounts: Accounts { pool: pool(url, CONNECTIONS).await? } }))
    }
}

struct Bank {
    accounts: Accounts,
}

entity_id! { AccountId }

#[derive(Debug, EsEvent, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[es_event(id = "AccountId")]
pub enum AccountEvent {
    Opened { id: AccountId, owner: String },
    Deposited { amount: u64, note: String },
}

#[derive(EsEntity)]
pub struct Account {
    pub id: AccountId,
    state: domain::Account,
    events: EntityEvents<AccountEvent>,
}

impl Account {
    fn deposit(&mut self, amount: Amount) -> Result<(), Refused> {
        static NOTE: LazyLock<String> = LazyLock::new(|| note(|note| AccountEvent::Deposited { amount: 10, note }));
        for amount in self.state.deposit(amount)? {
            self.state.deposited(amount);
            self.events.push(AccountEvent::Deposited { amount, note: NOTE.clone() });
        }
        Ok(())
    }
}

impl TryFromEvents<AccountEvent> for Account {
    fn try_from_events(events: EntityEvents<AccountEvent>) -> Result<Self, EntityHydrationError> {
        let mut state = domain::Account::default();
        for event in events.iter_all() {
            match event {
                AccountEvent::Opened { .. } => state.opened(),
                AccountEvent::Deposited { amount, .. } => state.deposited(*amount),
            }
        }
        let mut hydrator = Account::hydrator();
        hydrator.id(*events.id()).state(state);
        hydrator.build(events)
    }
}

pub struct NewAccount;

impl IntoEvents<AccountEvent> for NewAccount {
    type IdSource = FromRepo;

    fn into_events(self, builder: EntityEventsBuilder<AccountEvent, FromRepo>) -> EntityEvents<AccountEvent> {
        let id = builder.id();
        builder.initial_events([AccountEvent::Opened { id, owner: owner(id.into()) }])
    }
}

#[derive(EsRepo)]
#[es_repo(entity = "Account")]
pub struct Accounts {
    pool: sqlx::PgPool,
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        Ok(self.accounts.create(NewAccount).await?.id.into())
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        let mut account = self.accounts.find_by_id(AccountId::from(account)).await?;
        account.deposit(amount)?;
        match self.accounts.update(&mut account).await {
            Err(error) if error.as_transient().is_some_and(|error| error.kind == TransientKind::OptimisticConflict) => {
                Err(Failure::Conflict)
            }
            other => {
                other?;
                Ok(())
            }
        }
    }

    async fn load(&self, account: Uuid) -> Outcome<domain::Account> {
        Ok(self.accounts.find_by_id(AccountId::from(account)).await?.state)
    }
}
