//! Where the checkpoint of a projection is.

use std::sync::Arc;

use crate::{
    read_model::Schema,
    store::{Lease, Position, ProjectionSink, ReadModelStore, StoreError},
};

#[derive(Clone)]
pub(super) enum Place {
    /// Beside the rows of a read model.
    Table(Arc<dyn ReadModelStore>, &'static Schema),
    /// Where the projection's own statements write.
    Sink(Arc<dyn ProjectionSink>),
}

impl Place {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Table(_, schema) => schema.name,
            Self::Sink(sink) => sink.name(),
        }
    }

    pub(super) async fn prepare(&self) -> Result<Position, StoreError> {
        match self {
            Self::Table(store, schema) => store.prepare(schema).await,
            Self::Sink(sink) => sink.prepare().await,
        }
    }

    pub(super) async fn checkpoint(&self) -> Result<Position, StoreError> {
        match self {
            Self::Table(store, schema) => store.checkpoint(schema.name).await,
            Self::Sink(sink) => sink.checkpoint().await,
        }
    }

    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        match self {
            Self::Table(store, schema) => store.lease(schema.name).await,
            Self::Sink(sink) => sink.lease().await,
        }
    }
}
