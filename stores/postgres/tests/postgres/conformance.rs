//! S1 to S10 and R1, as every store is held to them.

use cqrs_core::conformance::Fixture;
use cqrs_postgres::PostgresStore;

use crate::support::Place;

async fn postgres() -> Fixture<PostgresStore> {
    let place = Place::new();
    let open = move || {
        let place = place.clone();
        async move { place.store().await }
    };
    Fixture::new(open().await).opened_again_by(open).durable()
}

cqrs_core::conformance! { store: postgres() }
