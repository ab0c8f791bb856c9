//! Databases and roles of a test's own, with whatever settings they have.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::Utc;
use cqrs_core::{
    Append, AppendError, Appended, Claim, EventFilter, EventStore, NewEvent, Position, RecordedEvent, RequestId,
    StoreError, StreamId, Tag,
};
use cqrs_postgres::{
    PostgresBuilder, PostgresStore,
    tokio_postgres::{self, Client, NoTls},
};

pub(crate) const PASSWORD: &str = "hunter2";

/// An empty database, with a role that owns it and another that may connect.
pub(crate) struct Home {
    pub(crate) url: String,
    pub(crate) owner: String,
    pub(crate) guest: String,
}

impl Home {
    pub(crate) async fn new() -> Self {
        static HOMES: AtomicU32 = AtomicU32::new(0);
        let url = test_server::shared().fresh_database().unwrap();
        let number = HOMES.fetch_add(1, Ordering::Relaxed);
        let name = |who| format!("cqrs_{who}_{}_{number}", process::id());
        let home = Self { url, owner: name("owner"), guest: name("guest") };
        for role in [&home.owner, &home.guest] {
            home.run(&format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")).await;
        }
        home.run(&format!("ALTER DATABASE {} OWNER TO {}", home.database(), home.owner)).await;
        home
    }

    pub(crate) fn database(&self) -> String {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        config.get_dbname().unwrap().to_owned()
    }

    /// The way of a role to the database.
    pub(crate) fn of(&self, role: &str) -> String {
        with_login(&self.url, role, PASSWORD)
    }

    pub(crate) fn builder(&self, role: &str) -> PostgresBuilder {
        PostgresStore::builder(self.of(role)).connections(4)
    }

    /// As superuser.
    pub(crate) async fn run(&self, sql: &str) {
        connect(&self.url).await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// As the owner.
    pub(crate) async fn own(&self, sql: &str) {
        connect(&self.of(&self.owner))
            .await
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}

/// A URL for another role.
pub(crate) fn with_login(url: &str, role: &str, password: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let server = rest.split_once('@').map_or(rest, |(_, server)| server);
    format!("{scheme}://{role}:{password}@{server}")
}

/// A URL with a parameter more.
pub(crate) fn with(url: &str, parameter: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{parameter}")
}

pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::of("thing", &id).unwrap()
}

pub(crate) fn append() -> Append {
    Append::new(RequestId::random(), Utc::now())
}

pub(crate) fn event(id: &str) -> NewEvent {
    NewEvent::new(&stream(id), "thing.happened", r#"{"n":1}"#)
}

pub(crate) fn take(key: &str, value: &str, holder: &str) -> Claim {
    Claim::Take { key: key.into(), value: value.into(), holder: stream(holder) }
}

/// An append of everything that can be in one.
pub(crate) fn full(id: &str) -> Append {
    append().event(event(id).tag(Tag::new("of", &id).unwrap())).claim(take("thing.name", id, id))
}

pub(crate) async fn write(store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
    store.append(&[append]).await.map_err(AppendError::from)?.remove(0)
}

pub(crate) async fn read_all(store: &dyn EventStore) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    let mut after = Position::START;
    loop {
        let page = store.read(&EventFilter::everything(), after, 500).await.unwrap();
        if page.read_to == after {
            return events;
        }
        after = page.read_to;
        events.extend(page.events);
    }
}

/// Positions are 1, 2, 3 …
pub(crate) fn assert_gapless(events: &[RecordedEvent]) {
    let positions: Vec<u64> = events.iter().map(|event| event.position.0).collect();
    assert_eq!(positions, (1..=events.len() as u64).collect::<Vec<_>>());
}

pub(crate) fn unopenable(error: StoreError) -> String {
    let StoreError::Unopenable { message, .. } = error else { panic!("{error:?}") };
    message
}

pub(crate) fn unwritable(error: impl Into<AppendError>) -> String {
    match error.into() {
        AppendError::Store(StoreError::Unwritable { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}
