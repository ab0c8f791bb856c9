//! Behind a pooler that gives its connections away after each transaction.

use std::sync::OnceLock;

use cqrs_core::{Append, EventStore as _, NewEvent, RequestId, StoreError, StreamId, conformance::Fixture};
use cqrs_postgres::{PostgresStore, tokio_postgres};
use test_server::PgBouncer;

use crate::support::{Place, server};

/// One for the process, with room for the stores of all tests at once.
fn place() -> Place {
    static POOLER: OnceLock<PgBouncer> = OnceLock::new();
    let pooler = POOLER.get_or_init(|| PgBouncer::start_with(server(), &[("max_client_conn", "1000")]).unwrap());
    Place::at(&pooler.url("postgres"))
}

async fn pooled() -> Fixture<PostgresStore> {
    let place = place();
    let open = move || {
        let place = place.clone();
        async move { place.builder().transaction_pooling(true).open().await.unwrap() }
    };
    Fixture::new(open().await).opened_again_by(open).durable()
}

cqrs_core::conformance! { store: pooled() }

/// Whoever forgets the option is told of it, and nothing is half written.
#[tokio::test]
async fn a_pooler_that_the_store_was_not_told_of_is_named() {
    let place = place();
    let store = place.builder().connections(1).open().await.unwrap();
    let stream = StreamId::of("thing", &1).unwrap();
    let append =
        || [Append::new(RequestId::random(), chrono::Utc::now()).event(NewEvent::new(&stream, "thing.happened", "{}"))];
    store.append(&append()).await.unwrap().remove(0).unwrap();
    // Other clients take the server's connections, so that the next statement meets one on which nothing is prepared.
    let mut others = Vec::new();
    let refused = loop {
        assert!(others.len() < 15, "each client has another connection");
        let (other, connection) = tokio_postgres::connect(place.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        other.batch_execute("BEGIN").await.unwrap();
        others.push(other);
        if let Err(refused) = store.append(&append()).await {
            break refused;
        }
    };
    let StoreError::Failed { message, .. } = &refused else { panic!("{refused:?}") };
    assert!(message.contains("`transaction_pooling(true)`"), "{message}");
    drop(others);
    let told = place.builder().transaction_pooling(true).open().await.unwrap();
    let events = crate::load::whole_log(&told).await;
    assert!(!events.is_empty() && events.len() < 15);
}
