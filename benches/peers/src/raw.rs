//! The same work by the driver alone, as one would write it by hand: no command is handled, no version checked.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod};
use futures_util::{TryStreamExt, pin_mut};
use sqlx::{PgPool, Row, types::Json};
use tokio_postgres::{NoTls, types::Json as PgJson};
use uuid::Uuid;

use crate::{
    domain::{Account, AccountEvent, Amount},
    peers::{BALANCES_VIEW, CONNECTIONS, Connect, Facts, Failure, Outcome, Peer, Projection, pool},
};

/// How many events a read model takes in one transaction.
const PAGE: i64 = 1000;

const SCHEMA: &str = "
    create table events (
        position bigint generated always as identity primary key, stream uuid not null, version bigint not null, type text not null,
        payload json not null, unique (stream, version)
    );
    create table balances (account uuid primary key, balance bigint not null);
    create table checkpoint (position bigint not null);
";

const INSERT: &str = "insert into events (stream, version, type, payload) values ($1, $2, $3, $4::text::json)";
const INSERT_MANY: &str = "insert into events (stream, version, type, payload) \
                           select stream, version, $3, payload::json from unnest($1::uuid[], $2::bigint[], $4::text[]) \
                           as e (stream, version, payload)";
const LOAD: &str = "select payload from events where stream = $1 order by version";
const READ: &str = "select position, stream, payload from events where position > $1 order by position limit $2";
const UPSERT: &str = "insert into balances select * from unnest($1::uuid[], $2::bigint[]) \
                      on conflict (account) do update set balance = balances.balance + excluded.balance";
const CHECKPOINT: &str = "update checkpoint set position = $1";

const PROJECTION: Projection =
    Projection { reset: "truncate balances, checkpoint; insert into checkpoint values (0)", view: BALANCES_VIEW };

static TOKIO_POSTGRES_FACTS: Facts = Facts {
    name: "raw tokio-postgres",
    schema: SCHEMA,
    events: "select count(*) from events",
    projection: Some(PROJECTION),
    several: true,
    raw: true,
    notes: &[
        "A deposit is one prepared insert of one row, committed; 100 events are one insert from arrays; a load reads and decodes; \
         a projection reads 1,000 events, folds them and upserts from arrays, with its checkpoint, in one transaction.",
    ],
};

static SQLX_FACTS: Facts = Facts {
    name: "raw sqlx",
    schema: SCHEMA,
    events: "select count(*) from events",
    projection: Some(PROJECTION),
    several: true,
    raw: true,
    notes: &["The same with sqlx 0.8, the version of the peers."],
};

/// The rows of one insert.
struct Rows {
    streams: Vec<Uuid>,
    versions: Vec<i64>,
    payloads: Vec<String>,
}

/// Versions that nobody else takes, so that inserts into one stream do not meet.
#[derive(Default)]
struct Versions(AtomicI64);

impl Versions {
    fn next(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    fn rows(&self, account: Uuid, amount: Amount) -> Outcome<Rows> {
        let payloads = amount
            .each()
            .map(|amount| serde_json::to_string(&AccountEvent::deposited(amount)))
            .collect::<Result<Vec<_>, _>>()?;
        let versions = payloads.iter().map(|_| self.next()).collect();
        Ok(Rows { streams: vec![account; payloads.len()], versions, payloads })
    }
}

/// What a page of events adds to the balances.
#[derive(Default)]
struct Sums {
    sums: HashMap<Uuid, i64>,
    position: i64,
}

impl Sums {
    fn add(&mut self, position: i64, account: Uuid, event: &AccountEvent) {
        let sum = self.sums.entry(account).or_default();
        if let AccountEvent::Deposited { amount, .. } = event {
            *sum += amount.cast_signed();
        }
        self.position = position;
    }
}

pub struct TokioPostgres;

#[async_trait]
impl Connect for TokioPostgres {
    fn facts(&self) -> &'static Facts {
        &TOKIO_POSTGRES_FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(url.parse()?, NoTls, config);
        let pool = Pool::builder(manager).max_size(CONNECTIONS.try_into()?).queue_mode(QueueMode::Lifo).build()?;
        Ok(Arc::new(ByTokioPostgres { pool, versions: Versions::default() }))
    }
}

struct ByTokioPostgres {
    pool: Pool,
    versions: Versions,
}

impl ByTokioPostgres {
    async fn insert(&self, account: Uuid, event: &AccountEvent, kind: &str) -> Outcome<()> {
        let payload = serde_json::to_string(event)?;
        let client = self.pool.get().await?;
        let insert = client.prepare_cached(INSERT).await?;
        client.execute(&insert, &[&account, &self.versions.next(), &kind, &payload]).await?;
        Ok(())
    }
}

#[async_trait]
impl Peer for ByTokioPostgres {
    async fn open(&self) -> Result<Uuid, Failure> {
        let account = Uuid::new_v4();
        self.insert(account, &AccountEvent::opened(account), "opened").await?;
        Ok(account)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        if let Amount::One(amount) = amount {
            return Ok(self.insert(account, &AccountEvent::deposited(amount), "deposited").await?);
        }
        let Rows { streams, versions, payloads } = self.versions.rows(account, amount)?;
        let client = self.pool.get().await?;
        let insert = client.prepare_cached(INSERT_MANY).await?;
        client.execute(&insert, &[&streams, &versions, &"deposited", &payloads]).await?;
        Ok(())
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        let client = self.pool.get().await?;
        let load = client.prepare_cached(LOAD).await?;
        let rows = client.query_raw(&load, [account]).await?;
        pin_mut!(rows);
        let mut state = Account::default();
        while let Some(row) = rows.try_next().await? {
            let PgJson(event) = row.try_get::<_, PgJson<AccountEvent>>(0)?;
            event.apply(&mut state);
        }
        Ok(state)
    }

    async fn project(&self) -> Outcome<()> {
        let mut client = self.pool.get().await?;
        let read = client.prepare_cached(READ).await?;
        let upsert = client.prepare_cached(UPSERT).await?;
        let checkpoint = client.prepare_cached(CHECKPOINT).await?;
        let mut position = 0;
        loop {
            let mut page = Sums::default();
            for row in client.query(&read, &[&position, &PAGE]).await? {
                let PgJson(event) = row.try_get(2)?;
                page.add(row.try_get(0)?, row.try_get(1)?, &event);
            }
            if page.sums.is_empty() {
                return Ok(());
            }
            position = page.position;
            let (accounts, sums): (Vec<Uuid>, Vec<i64>) = page.sums.into_iter().unzip();
            let transaction = client.transaction().await?;
            transaction.execute(&upsert, &[&accounts, &sums]).await?;
            transaction.execute(&checkpoint, &[&position]).await?;
            transaction.commit().await?;
        }
    }
}

pub struct Sqlx;

#[async_trait]
impl Connect for Sqlx {
    fn facts(&self) -> &'static Facts {
        &SQLX_FACTS
    }

    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>> {
        Ok(Arc::new(BySqlx { pool: pool(url, CONNECTIONS).await?, versions: Versions::default() }))
    }
}

struct BySqlx {
    pool: PgPool,
    versions: Versions,
}

impl BySqlx {
    async fn insert(&self, account: Uuid, event: &AccountEvent, kind: &str) -> Outcome<()> {
        let payload = serde_json::to_string(event)?;
        let insert = sqlx::query(INSERT).bind(account).bind(self.versions.next()).bind(kind).bind(payload);
        insert.execute(&self.pool).await?;
        Ok(())
    }
}

#[async_trait]
impl Peer for BySqlx {
    async fn open(&self) -> Result<Uuid, Failure> {
        let account = Uuid::new_v4();
        self.insert(account, &AccountEvent::opened(account), "opened").await?;
        Ok(account)
    }

    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        if let Amount::One(amount) = amount {
            return Ok(self.insert(account, &AccountEvent::deposited(amount), "deposited").await?);
        }
        let Rows { streams, versions, payloads } = self.versions.rows(account, amount)?;
        let insert = sqlx::query(INSERT_MANY).bind(streams).bind(versions).bind("deposited").bind(payloads);
        insert.execute(&self.pool).await?;
        Ok(())
    }

    async fn load(&self, account: Uuid) -> Outcome<Account> {
        let mut rows = sqlx::query_scalar::<_, Json<AccountEvent>>(LOAD).bind(account).fetch(&self.pool);
        let mut state = Account::default();
        while let Some(Json(event)) = rows.try_next().await? {
            event.apply(&mut state);
        }
        Ok(state)
    }

    async fn project(&self) -> Outcome<()> {
        let mut position = 0;
        loop {
            let mut page = Sums::default();
            for row in sqlx::query(READ).bind(position).bind(PAGE).fetch_all(&self.pool).await? {
                let Json(event) = row.try_get(2)?;
                page.add(row.try_get(0)?, row.try_get(1)?, &event);
            }
            if page.sums.is_empty() {
                return Ok(());
            }
            position = page.position;
            let (accounts, sums): (Vec<Uuid>, Vec<i64>) = page.sums.into_iter().unzip();
            let mut transaction = self.pool.begin().await?;
            sqlx::query(UPSERT).bind(accounts).bind(sums).execute(&mut *transaction).await?;
            sqlx::query(CHECKPOINT).bind(position).execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
    }
}
