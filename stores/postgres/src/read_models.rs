//! The home of read models.

use async_trait::async_trait;
use cqrs_core::{
    Position, ReadModelStore, Schema, StoreError, Value,
    store::{Lease, ProjectionBatch, Row, RowQuery},
};

use crate::{prepare, rows, select, store::PostgresStore};

#[async_trait]
impl ReadModelStore for PostgresStore {
    async fn prepare(&self, schema: &'static Schema) -> Result<Position, StoreError> {
        prepare::prepare(&self.database, schema).await
    }

    async fn checkpoint(&self, projection: &str) -> Result<Position, StoreError> {
        let checkpoint = rows::checkpoint(&self.database, projection).await?;
        Ok(checkpoint.map_or(Position::START, |(position, _)| position))
    }

    async fn lease(&self, projection: &'static str) -> Result<Lease, StoreError> {
        self.leases.lease(projection).await
    }

    async fn load(&self, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        rows::load(&self.database, schema, keys).await
    }

    async fn commit(&self, batch: ProjectionBatch) -> Result<(), StoreError> {
        rows::commit(&self.database, &batch).await
    }

    async fn select(&self, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        select::rows(&self.database, schema, query).await
    }

    async fn count(&self, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
        select::count(&self.database, schema, query).await
    }
}
