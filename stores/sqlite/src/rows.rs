//! Rows of read models: loaded by key, and written together with the checkpoint (R1).

use cqrs_core::{
    Position, Schema, StoreError, Value,
    store::{ProjectionBatch, Row, RowChange},
};
use rusqlite::{CachedStatement, Connection, params};

use crate::{
    error::Fault,
    sql::{Text, int},
    tables::{self, Table},
    value::Bound,
    writer::{Transaction, Work},
};

pub(crate) fn checkpoint(conn: &Connection, projection: &str) -> Result<Position, Fault> {
    Ok(tables::checkpoint(conn, projection)?.map_or(Position::START, |(position, _)| position))
}

/// The rows of `keys`, all of one state of the table.
pub(crate) fn load(conn: &Connection, schema: &'static Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, Fault> {
    let table = Table::of(schema)?;
    let snapshot = conn.unchecked_transaction()?;
    let mut get = table.statement(&snapshot, &format!("{} WHERE {} = ?1", table.select(), table.key()?))?;
    keys.iter()
        .map(|key| {
            let mut rows = get.query([Bound(key)])?;
            rows.next()?.map(|row| table.row(row)).transpose()
        })
        .collect()
}

/// A projection's batch on its way to the writer.
pub(crate) struct Commit(pub(crate) ProjectionBatch);

impl Work for Commit {
    type Answer = ();

    fn perform(&self, transaction: &mut Transaction<'_>) -> Result<(), Fault> {
        let ProjectionBatch { schema, expected, checkpoint, changes } = &self.0;
        let conn = transaction.conn;
        let table = Table::of(schema)?;
        let (actual, shape) = tables::checkpoint(conn, schema.name)?.ok_or_else(|| table.unprepared())?;
        if shape != schema.shape {
            return Err(table.reshaped());
        }
        if actual != *expected {
            let projection = schema.name.to_owned();
            return Err(Fault::Store(StoreError::CheckpointMoved { projection, expected: *expected, actual }));
        }
        let mut update_body = table.statement(conn, &table.update_body()?)?;
        let mut upsert = table.statement(conn, &table.upsert()?)?;
        let mut delete = table.statement(conn, &table.delete()?)?;
        for change in changes {
            match change {
                RowChange::Put(row) => {
                    check_columns(schema, &row.columns)?;
                    // What is indexed changes rarely. Written again, it would cost as much as the row itself.
                    if put(&mut update_body, row)? == 0 {
                        put(&mut upsert, row)?;
                    }
                }
                RowChange::Delete(key) => {
                    delete.execute([Bound(key)])?;
                }
            }
        }
        conn.prepare_cached("UPDATE checkpoints SET position = ?2 WHERE projection = ?1")?
            .execute(params![schema.name, int(checkpoint.0)])?;
        Ok(())
    }

    fn is_written(&self, conn: &Connection) -> bool {
        let ProjectionBatch { schema, expected, checkpoint: written, .. } = &self.0;
        expected != written && checkpoint(conn, schema.name).is_ok_and(|actual| actual == *written)
    }
}

fn put(statement: &mut CachedStatement<'_>, Row { columns, body }: &Row) -> Result<usize, Fault> {
    for (place, value) in columns.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, Bound(value))?;
    }
    statement.raw_bind_parameter(columns.len() + 1, Text(body))?;
    Ok(statement.raw_execute()?)
}

fn check_columns(schema: &Schema, columns: &[Value]) -> Result<(), Fault> {
    let (is, should) = (columns.len(), schema.columns.len());
    if is == should {
        return Ok(());
    }
    Err(Fault::failed(format!("a row of `{}` has {is} columns instead of {should}", schema.name)))
}
