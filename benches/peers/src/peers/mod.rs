//! Each peer as its own documentation recommends, behind one interface.

pub mod cqrs_es;
pub mod disintegrate;
pub mod es_entity;
pub mod esrs;
pub mod eventcore;
pub mod eventsourced;

use std::{error::Error, sync::Arc};

use async_trait::async_trait;
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::domain::{Account, Amount};

pub type BoxError = Box<dyn Error + Send + Sync>;
pub type Outcome<T> = Result<T, BoxError>;

/// Why a command did not happen.
#[derive(Debug)]
pub enum Failure {
    /// Another writer came first; the documentation of the peer leaves it to the caller to repeat the command.
    Conflict,
    /// Anything else.
    Other(BoxError),
}

impl<E: Into<BoxError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// What is known of a peer without running it.
#[derive(Debug)]
pub struct Facts {
    pub name: &'static str,
    /// Prepares the database where the peer does not do so itself.
    pub schema: &'static str,
    /// Counts the events that are stored.
    pub events: &'static str,
    pub projection: Option<Projection>,
    /// Whether a command makes several events.
    pub several: bool,
    /// Whether it is no peer but the driver, which also writes in groups.
    pub raw: bool,
    /// What the reader of the table should know.
    pub notes: &'static [&'static str],
}

/// The read model of a peer: a row an account, with its balance.
#[derive(Debug)]
pub struct Projection {
    /// Empties it and what is known of its progress.
    pub reset: &'static str,
    /// Gives its rows and the sum of all balances.
    pub view: &'static str,
}

/// The read model where a peer leaves its shape to the user.
pub const BALANCES: &str = "create table balances (account uuid primary key, balance bigint not null)";
pub const BALANCES_VIEW: &str = "select count(*), coalesce(sum(balance), 0)::bigint from balances";

#[async_trait]
pub trait Peer: Send + Sync {
    /// A new account.
    async fn open(&self) -> Result<Uuid, Failure>;

    /// One command.
    async fn deposit(&self, account: Uuid, amount: Amount) -> Result<(), Failure>;

    /// One command to an account that many write to, where the documentation names another way for that.
    async fn deposit_contended(&self, account: Uuid, amount: Amount) -> Result<(), Failure> {
        self.deposit(account, amount).await
    }

    /// The account as its events make it.
    async fn load(&self, account: Uuid) -> Outcome<Account>;

    /// Prepares the database for projections.
    async fn prepare_projection(&self) -> Outcome<()> {
        Ok(())
    }

    /// Makes the read model of everything stored. Only called where [`Facts::projection`] is there.
    async fn project(&self) -> Outcome<()> {
        Err("this peer has no projections".into())
    }
}

/// Opens a peer on a database that has its [`Facts::schema`].
#[async_trait]
pub trait Connect: Send + Sync {
    fn facts(&self) -> &'static Facts;
    async fn connect(&self, url: &str) -> Outcome<Arc<dyn Peer>>;
}

/// The connections of a pool where a peer lets its user make it.
pub const CONNECTIONS: u32 = 16;

/// The pool of sqlx at its fastest: without the query that it makes by default before each use of a connection.
pub async fn pool(url: &str, connections: u32) -> Outcome<PgPool> {
    Ok(PgPoolOptions::new().max_connections(connections).test_before_acquire(false).connect(url).await?)
}

/// Whether another writer took the version.
pub fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_unique_violation())
}
