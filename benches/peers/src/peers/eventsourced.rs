//! eventsourced 0.27 with eventsourced-postgres: an entity an account, spawned once and kept.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use eventsourced::{
    Command, CommandEffect, EntityRef, EventSourced, EventSourcedExt, binarize::serde_json::SerdeJsonBinarize,
    snapshot_store::noop::NoopSnapshotStore,
};
use eventsourced_postgres::{PostgresEventLog, PostgresEventLogConfig};
use tokio_postgres::config::Host;
use uuid::Uuid;

use super::{Connect, Facts, Failure, Outcome, Peer};
use crate::domain::{Account, AccountEvent, Amount, Refused};

static FACTS: Facts = Facts {
    name: "eventsourced",
    schema: "",
    events: "select count(*) from events",
    projection: None,
    several: false,
    raw: false,
    notes: &[
        "Its entities are actors that are loaded already, so a command costs no read; its pool of 10 connections is fixed.",
        "A command emits one event at most, so there is none with 100.",
        "Not projected: its cursor over all entities is the sequence number of each, which is no place in a log.",
    ],
};

pub struct EventSourcedPeer;

#[async_trait]
impl Connect for EventSourcedPeer {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let url: tokio_postgres::Config = url.parse()?;
        let host = match url.get_hosts() {
            [Host::Tcp(host), ..] => host.clone(),
            _ => return Err("no host in the URL".into()),
        };
        let log = PostgresEventLog::new(PostgresEventLogConfig {
            host,
            port: *url.get_ports().first().unwrap_or(&5432),
            user: url.get_user().unwrap_or_default().to_owned(),
            // Without a password the word would take the next setting for one.
            password: match url.get_password() {
                Some(password) => String::from_utf8_lossy(password).into_owned(),
                None => "''".to_owned(),
            },
            dbname: url.get_dbname().unwrap_or_default().to_owned(),
            sslmode: "disable".to_owned(),
            setup: true,
            ..PostgresEventLogConfig::default()
        })
        .await?;
        Ok(Arc::new(Bank { log, entities: RwLock::default() }))
    }
}

type Entity = EntityRef<BankAccount>;

struct Bank {
    log: PostgresEventLog<Uuid>,
    entities: RwLock<HashMap<Uuid, Entity>>,
}

#[derive(Debug, Default, Clone, serde::Serialize, serde::Deserialize)]
struct BankAccount(Account);

impl EventSourced for BankAccount {
    type Id = Uuid;
    type Event = AccountEvent;

    const TYPE_NAME: &'static str = "account";

    fn handle_event(mut self, event: AccountEvent) -> Self {
        event.apply(&mut self.0);
        self
    }
}

#[derive(Debug)]
struct Open;

impl Command<BankAccount> for Open {
    type Reply = ();
    type Error = Refused;

    fn handle_command(self, account: &Uuid, state: &BankAccount) -> CommandEffect<BankAccount, (), Refused> {
        match state.0.may_open() {
            Ok(()) => CommandEffect::emit(AccountEvent::opened(*account)),
            Err(refused) => CommandEffect::reject(refused),
        }
    }
}

#[derive(Debug)]
struct Deposit(u64);

impl Command<BankAccount> for Deposit {
    type Reply = ();
    type Error = Refused;

    fn handle_command(self, _: &Uuid, state: &BankAccount) -> CommandEffect<BankAccount, (), Refused> {
        match state.0.deposit(Amount::One(self.0)) {
            Ok(_) => CommandEffect::emit(AccountEvent::deposited(self.0)),
            Err(refused) => CommandEffect::reject(refused),
        }
    }
}

#[derive(Debug)]
struct Get;

impl Command<BankAccount> for Get {
    type Reply = Account;
    type Error = Refused;

    fn handle_command(self, _: &Uuid, state: &BankAccount) -> CommandEffect<BankAccount, Account, Refused> {
        CommandEffect::reply(state.0)
    }
}

impl Bank {
    async fn spawn(&self, account: Uuid) -> Outcome<Entity> {
        let buffer = NonZeroUsize::new(64).ok_or("no buffer")?;
        let entity = BankAccount::default().entity();
        Ok(entity.spawn(account, None, buffer, self.log.clone(), NoopSnapshotStore::new(), SerdeJsonBinarize).await?)
    }

    fn loaded(&self, account: Uuid) -> Outcome<Entity> {
        let entities = self.entities.read().unwrap_or_else(PoisonError::into_inner);
        Ok(entities.get(&account).ok_or("an account that was never opened")?.clone())
    }
}

#[async_trait]
impl Peer for Bank {
    async fn open(&self) -> Result<Uuid, Failure> {
        let account = Uuid::new_v4();
        let entity = self.spawn(account).await?;
        entity.handle_command(Open).await??;
        self.entities.write().unwrap_or_else(PoisonError::into_inner).insert(account, entity);
        Ok(account)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        let entity = self.loaded(account)?;
        for amount in amount.each() {
            entity.handle_command(Deposit(amount)).await??;
        }
        Ok(())
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        Ok(self.spawn(account).await?.handle_command(Get).await??)
    }
}
