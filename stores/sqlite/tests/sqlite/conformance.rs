//! S1 to S10 and R1, as every store is held to them.

use cqrs_core::conformance::Fixture;
use cqrs_sqlite::SqliteStore;

use crate::support::Place;

async fn sqlite() -> Fixture<SqliteStore> {
    let place = Place::new();
    let path = place.path();
    let open = move || {
        let path = path.clone();
        async move { SqliteStore::open(path).await.unwrap() }
    };
    Fixture::new(open().await).opened_again_by(open).durable().keeping(place)
}

cqrs_core::conformance! { store: sqlite() }
