//! The handle, and the contracts it keeps.

use std::{sync::Arc, time::Duration};

use cqrs_core::StoreError;
use deadpool_postgres::Pool;

use crate::{
    database::{Database, SharedDatabase},
    lease::Leases,
    open::{Direct, PostgresBuilder},
};

/// A log on a `PostgreSQL` server. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(crate) database: SharedDatabase,
    pub(crate) leases: Arc<Leases>,
}

impl PostgresStore {
    /// Opens the store that a connection string names.
    ///
    /// # Errors
    /// As [`PostgresBuilder::open`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, StoreError> {
        Self::builder(url).open().await
    }

    /// A store that a connection string names, to be opened with options.
    pub fn builder(url: impl Into<String>) -> PostgresBuilder {
        PostgresBuilder::from_url(url.into())
    }

    /// A store on the connections of an existing pool, to be opened with options.
    pub fn with_pool(pool: Pool) -> PostgresBuilder {
        PostgresBuilder::from_pool(pool)
    }

    pub(crate) async fn start(
        database: Database,
        direct: Option<Direct>,
        poll_interval: Duration,
    ) -> Result<Self, StoreError> {
        let _ = poll_interval;
        let database = Arc::new(database);
        let leases = Arc::new(Leases::new(Arc::clone(&database), direct));
        Ok(Self { database, leases })
    }
}
