//! Snapshots: the newest state of an aggregate, kept as JSON.

use bytes::Bytes;
use cqrs_core::{Snapshot, StoreError, StreamId, Version};
use tokio_postgres::types::Type;

use crate::{database::Database, error::damaged, events::signed, value::Raw};

/// The snapshot of a stream.
pub(crate) async fn snapshot(database: &Database, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
    let rows = database.read(&database.sql.snapshot, &[(&stream.as_str(), Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let version: i64 = row.try_get(0).map_err(damaged)?;
    let shape: i64 = row.try_get(1).map_err(damaged)?;
    let Raw(state) = row.try_get(2).map_err(damaged)?;
    Ok(Some(Snapshot {
        stream: stream.clone(),
        version: Version(u64::try_from(version).map_err(damaged)?),
        shape: shape.cast_unsigned(),
        state: Bytes::copy_from_slice(state.unwrap_or_default()),
    }))
}

pub(crate) async fn keep(database: &Database, snapshot: &Snapshot) -> Result<(), StoreError> {
    let Snapshot { stream, version, shape, state } = snapshot;
    let (version, shape) = (signed(version.0), shape.cast_signed());
    let parameters: [crate::database::Parameter<'_>; 4] =
        [(&stream.as_str(), Type::TEXT), (&version, Type::INT8), (&shape, Type::INT8), (&state.as_ref(), Type::BYTEA)];
    database.write(&database.sql.keep_snapshot, &parameters).await.map(drop)
}
