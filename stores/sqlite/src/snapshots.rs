//! Snapshots: the newest state of an aggregate, kept as JSON.

use bytes::Bytes;
use cqrs_core::{Snapshot, StreamId, Version};
use rusqlite::{Connection, params};

use crate::{
    error::Fault,
    sql::{Text, int, natural},
    writer::{Transaction, Work},
};

const SNAPSHOT: &str = "SELECT version, shape, state FROM snapshots WHERE stream = ?1";
const KEEP: &str = "INSERT INTO snapshots (stream, version, shape, state) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (stream) DO UPDATE SET version = excluded.version, shape = excluded.shape, state = excluded.state \
     WHERE shape <> excluded.shape OR version <= excluded.version";

/// The snapshot of a stream.
pub(crate) fn snapshot(conn: &Connection, stream: StreamId) -> Result<Option<Snapshot>, Fault> {
    let mut statement = conn.prepare_cached(SNAPSHOT)?;
    let mut rows = statement.query([stream.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let state = row.get_ref(2)?.as_bytes().map_err(rusqlite::Error::from)?;
    Ok(Some(Snapshot {
        version: Version(natural(row.get(0)?)?),
        shape: row.get::<_, i64>(1)?.cast_unsigned(),
        state: Bytes::copy_from_slice(state),
        stream,
    }))
}

/// A snapshot on its way to the writer, where it shares a commit with what else is waiting.
pub(crate) struct Keep(pub(crate) Snapshot);

impl Work for Keep {
    type Answer = ();

    fn perform(&self, transaction: &mut Transaction<'_>) -> Result<(), Fault> {
        let Snapshot { stream, version, shape, state } = &self.0;
        let values = params![stream.as_str(), int(version.0), shape.cast_signed(), Text(state)];
        transaction.conn.prepare_cached(KEEP)?.execute(values)?;
        Ok(())
    }

    fn is_written(&self, _: &Connection) -> bool {
        // A later one may stand there by now, and nothing hangs on this one.
        false
    }
}
