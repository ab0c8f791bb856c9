//! Where the log is kept: in a file, or on a server. No other line of the example knows.

use std::error::Error;

use cqrs::{EngineBuilder, prelude::*, sqlite::SqliteStore};

/// An engine on the store in a file, or on the one that a connection string names.
pub async fn open(place: &str) -> Result<EngineBuilder, Box<dyn Error>> {
    #[cfg(feature = "postgres")]
    if place.starts_with("postgres:") {
        return Ok(Engine::builder(cqrs::postgres::PostgresStore::connect(place).await?));
    }
    Ok(Engine::builder(SqliteStore::open(place).await?))
}
