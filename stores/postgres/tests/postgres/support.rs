//! Logs of their own for tests, on one server.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use cqrs_postgres::{
    PostgresBuilder, PostgresStore,
    tokio_postgres::{self, Client, NoTls},
};
use test_server::{Proxy, Server};

/// A schema of a test's own, in a database that all tests of this process share.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    url: String,
    schema: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::at(crate::support::database())
    }

    /// In another database.
    pub(crate) fn at(url: &str) -> Self {
        static PLACES: AtomicU32 = AtomicU32::new(0);
        let number = PLACES.fetch_add(1, Ordering::Relaxed);
        Self { url: url.to_owned(), schema: format!("test_{number}") }
    }

    /// The same log by another way.
    pub(crate) fn through(&self, url: &str) -> Self {
        Self { url: url.to_owned(), schema: self.schema.clone() }
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn builder(&self) -> PostgresBuilder {
        PostgresStore::builder(&self.url).schema(&self.schema).connections(4)
    }

    /// By a way that a test can cut.
    pub(crate) fn behind_a_proxy(&self) -> (Proxy, PostgresBuilder) {
        let (proxy, place) = self.proxied();
        (proxy, place.builder())
    }

    /// The same log by a way that a test can cut.
    pub(crate) fn proxied(&self) -> (Proxy, Self) {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        let port = config.get_ports()[0];
        let proxy = Proxy::start(([127, 0, 0, 1], port).into()).unwrap();
        let place = self.through(&self.url.replace(&format!(":{port}/"), &format!(":{}/", proxy.addr().port())));
        (proxy, place)
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        self.builder().open().await.unwrap()
    }
}

/// The connection string of a database of this process's own.
pub(crate) fn database() -> &'static str {
    static DATABASE: OnceLock<String> = OnceLock::new();
    DATABASE.get_or_init(|| test_server::shared().fresh_database().unwrap())
}

/// A server of this process's own, also where the tests share another's.
pub(crate) fn server() -> &'static Server {
    static OWN: OnceLock<Server> = OnceLock::new();
    test_server::shared().server().unwrap_or_else(|| OWN.get_or_init(|| Server::start().unwrap()))
}

/// The schema itself, for tests that look into it.
pub(crate) async fn raw(place: &Place) -> Client {
    let (client, connection) = tokio_postgres::connect(place.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("SET search_path = {}", place.schema())).await.unwrap();
    client
}

/// Breaks it.
pub(crate) async fn run(place: &Place, sql: &str) {
    raw(place).await.batch_execute(sql).await.unwrap();
}
