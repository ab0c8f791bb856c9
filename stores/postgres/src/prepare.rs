//! Making the table of a read model, and looking whether it is still as it was made.

use cqrs_core::{Position, Schema, StoreError};
use tokio_postgres::{Client, Error, types::Type};

use crate::{
    database::{Database, Parameter},
    error::{Effect, classified, damaged, failed},
    names::Names,
    tables::{BODY, Table},
    text::stored,
};

/// The collation `C` in the server's catalog.
const COLLATION_C: u32 = 950;

/// Makes the table where it is missing, and says how far the projection has come. Where nothing is missing, nothing is
/// written, and no right to write is needed.
pub(crate) async fn prepare(database: &Database, schema: &'static Schema) -> Result<Position, StoreError> {
    let table = Table::of(schema, &database.names)?;
    if table.key().schema.nullable {
        return Err(failed(format!("the key of `{}` may be `None`: a key must always be there", schema.name)));
    }
    if let Some(position) = prepared(&database.session().await?.client, &table, &database.names).await? {
        return Ok(position);
    }
    make(database, &table).await
}

/// Of processes that start at once one makes the table, the others wait and find it made.
async fn make(database: &Database, table: &Table) -> Result<Position, StoreError> {
    let names = &database.names;
    let mut session = database.session().await?;
    let unwritten = |error| classified(error, Effect::None);
    let transaction = session.client.transaction().await.map_err(unwritten)?;
    transaction.batch_execute(&lock(names)).await.map_err(unwritten)?;
    let client = transaction.client();
    if let Some(position) = prepared(client, table, names).await? {
        return Ok(position);
    }
    if columns(client, table).await.map_err(unwritten)?.is_empty() {
        transaction.batch_execute(&table.create()).await.map_err(unwritten)?;
    } else {
        check(client, table).await?;
        let filled = format!("SELECT FROM {} LIMIT 1", table.name);
        if !client.query_typed(&filled, &[]).await.map_err(unwritten)?.is_empty() {
            return Err(table.unusable("holds rows, but its projection has no checkpoint"));
        }
    }
    let insert = format!("INSERT INTO {} (projection, position, shape) VALUES ($1, 0, $2)", names.of("checkpoints"));
    let (projection, shape) = (stored(table.schema.name), table.schema.shape.cast_signed());
    let values: [Parameter<'_>; 2] = [(&projection, Type::TEXT), (&shape, Type::INT8)];
    client.query_typed(&insert, &values).await.map_err(unwritten)?;
    // Repeated, it finds its own work.
    transaction.commit().await.map_err(unwritten)?;
    Ok(Position::START)
}

/// How far the projection has come, if it was ever prepared.
async fn prepared(client: &Client, table: &Table, names: &Names) -> Result<Option<Position>, StoreError> {
    let sql = checkpoint_sql(names);
    let projection = stored(table.schema.name);
    let rows = client.query_typed(&sql, &[(&projection, Type::TEXT)]).await;
    let rows = rows.map_err(|error| classified(error, Effect::None))?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (position, shape) = checkpoint_row(row)?;
    if shape != table.schema.shape {
        return Err(table.reshaped());
    }
    check(client, table).await?;
    Ok(Some(position))
}

pub(crate) fn checkpoint_sql(names: &Names) -> String {
    format!("SELECT position, shape FROM {} WHERE projection = $1", names.of("checkpoints"))
}

/// A row of [`checkpoint_sql`].
pub(crate) fn checkpoint_row(row: &tokio_postgres::Row) -> Result<(Position, u64), StoreError> {
    let position: i64 = row.try_get(0).map_err(damaged)?;
    let shape: i64 = row.try_get(1).map_err(damaged)?;
    let position = u64::try_from(position).map_err(|_| damaged(format!("a checkpoint is at {position}")))?;
    Ok((Position(position), shape.cast_unsigned()))
}

/// Whether the table has the columns that it was made with. What is added to it does no harm as long as rows can do without.
async fn check(client: &Client, table: &Table) -> Result<(), StoreError> {
    let found = columns(client, table).await.map_err(|error| classified(error, Effect::None))?;
    if found.is_empty() {
        return Err(table.unusable("is gone, but not its checkpoint"));
    }
    let body = ColumnFound { name: BODY.replace('"', ""), type_oid: Type::JSON.oid(), not_null: true, collation: 0 };
    let expected = table.columns.iter().map(|column| ColumnFound {
        name: column.plain.clone(),
        type_oid: column.declared.one.oid(),
        not_null: !column.schema.nullable,
        collation: if column.declared.one == Type::TEXT { COLLATION_C } else { 0 },
    });
    for expected in expected.chain([body]) {
        if !found.contains(&expected) {
            return Err(
                table.unusable(&format!("was changed by hand: its column `{}` is not as it was made", expected.name))
            );
        }
    }
    Ok(())
}

#[derive(PartialEq)]
struct ColumnFound {
    name: String,
    type_oid: u32,
    not_null: bool,
    collation: u32,
}

async fn columns(client: &Client, table: &Table) -> Result<Vec<ColumnFound>, Error> {
    let sql = "SELECT attname::text, atttypid, attnotnull, attcollation FROM pg_attribute \
               WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";
    let rows = client.query_typed(sql, &[(&table.name, Type::TEXT)]).await?;
    let found = rows.iter().map(|row| {
        let (name, type_oid) = (row.try_get(0)?, row.try_get(1)?);
        Ok(ColumnFound { name, type_oid, not_null: row.try_get(2)?, collation: row.try_get(3)? })
    });
    found.collect()
}

/// Held until the transaction ends, and by nobody who appends.
pub(crate) fn lock(names: &Names) -> String {
    format!("SELECT pg_advisory_xact_lock(hashtextextended('cqrs tables of {}', 0))", names.of(""))
}
