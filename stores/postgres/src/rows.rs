//! Rows of read models: loaded by key, and written together with the checkpoint (R1).

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use cqrs_core::{
    Position, Schema, StoreError, Value,
    store::{ProjectionBatch, Row, RowChange},
};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{
    database::{Database, Parameter},
    error::{damaged, failed},
    prepare::{checkpoint_row, checkpoint_sql},
    tables::Table,
    text::stored,
    value::{self, Each, bigint},
};

/// How far a projection has come and the shape of its table, if it ever ran.
pub(crate) async fn checkpoint(database: &Database, projection: &str) -> Result<Option<(Position, u64)>, StoreError> {
    let projection = stored(projection);
    let rows = database.read(&checkpoint_sql(&database.names), &[(&projection, Type::TEXT)]).await?;
    rows.first().map(checkpoint_row).transpose()
}

/// The rows of `keys`, all of one state of the table.
pub(crate) async fn load(
    database: &Database,
    schema: &'static Schema,
    keys: &[Value],
) -> Result<Vec<Option<Row>>, StoreError> {
    let mut found = vec![None; keys.len()];
    if keys.is_empty() {
        return Ok(found);
    }
    let table = Table::of(schema, &database.names)?;
    let array = table.key().declared.array.clone();
    let rows = database.read(&table.load(), &[(&Each(keys.iter()), array)]).await;
    for row in rows.map_err(|error| table.explained(error))? {
        let number: i64 = row.try_get(schema.columns.len() + 1).map_err(damaged)?;
        let place = usize::try_from(number - 1).map_err(damaged)?;
        *found.get_mut(place).ok_or_else(|| damaged("a row of no key"))? = Some(table.row(&row)?);
    }
    Ok(found)
}

/// Writes a projection's batch, in one statement.
pub(crate) async fn commit(database: &Database, batch: &ProjectionBatch) -> Result<(), StoreError> {
    let ProjectionBatch { schema, expected, checkpoint: next, changes } = batch;
    let table = Table::of(schema, &database.names)?;
    let puts: Vec<&Row> = changes.iter().filter_map(put).collect();
    for row in &puts {
        check(schema, row)?;
    }
    let projection = stored(schema.name);
    let (position, behind, shape) = (bigint(next.0), bigint(expected.0), schema.shape.cast_signed());
    let columns: Vec<_> =
        (0..table.columns.len()).map(|place| Each(puts.iter().map(move |row| &row.columns[place]))).collect::<Vec<_>>();
    let bodies = Bodies(&puts);
    let gone = Each(changes.iter().filter_map(deleted));

    let mut values: Vec<Parameter<'_>> =
        vec![(&projection, Type::TEXT), (&position, Type::INT8), (&behind, Type::INT8), (&shape, Type::INT8)];
    for (column, array) in columns.iter().zip(&table.columns) {
        values.push((column, array.declared.array.clone()));
    }
    values.push((&bodies, Type::JSON_ARRAY));
    values.push((&gone, table.key().declared.array.clone()));
    let moved = database.write(&table.commit(), &values).await.map_err(|error| table.explained(error))?;
    if moved.is_empty() { Err(unmoved(database, &table, *expected).await?) } else { Ok(()) }
}

fn put(change: &RowChange) -> Option<&Row> {
    match change {
        RowChange::Put(row) => Some(row),
        RowChange::Delete(_) => None,
    }
}

fn deleted(change: &RowChange) -> Option<&Value> {
    match change {
        RowChange::Put(_) => None,
        RowChange::Delete(key) => Some(key),
    }
}

/// Why a checkpoint did not move. Asked after the fact: the statement itself may have waited for another's commit that it
/// does not see.
async fn unmoved(database: &Database, table: &Table, expected: Position) -> Result<StoreError, StoreError> {
    let projection = table.schema.name.to_owned();
    Ok(match checkpoint(database, &projection).await? {
        None => table.unprepared(),
        Some((_, shape)) if shape != table.schema.shape => table.reshaped(),
        Some((actual, _)) => StoreError::CheckpointMoved { projection, expected, actual },
    })
}

/// Whether a row can be stored; the server would name neither the row nor the projection.
fn check(schema: &Schema, row: &Row) -> Result<(), StoreError> {
    let (is, should) = (row.columns.len(), schema.columns.len());
    if is != should {
        return Err(failed(format!("a row of `{}` has {is} columns instead of {should}", schema.name)));
    }
    for (column, value) in schema.columns.iter().zip(&row.columns) {
        let why = match value {
            Value::Null if !column.nullable => Some("the column is NOT NULL".to_owned()),
            value => value::misfit(value, column.column_type),
        };
        if let Some(why) = why {
            let (name, key) = (schema.name, &row.columns[0]);
            return Err(failed(format!("the row {key} of `{name}` cannot have {value} as `{}`: {why}", column.name)));
        }
    }
    Ok(())
}

/// The bodies of rows, as an array.
#[derive(Debug)]
struct Bodies<'a>(&'a [&'a Row]);

impl ToSql for Bodies<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        value::elements(self.0.iter(), &Type::JSON, out, |row, out| {
            out.put_slice(&row.body);
            Ok(IsNull::No)
        })
    }

    fn accepts(to: &Type) -> bool {
        *to == Type::JSON_ARRAY
    }

    to_sql_checked!();
}
