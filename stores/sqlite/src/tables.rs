//! The tables of read models.

use cqrs_core::{Position, Schema, StoreError, Value, store::InvalidInput};
use rusqlite::{CachedStatement, Connection, Error, OptionalExtension as _, Row, params};

use crate::{
    error::Fault,
    sql::{identifier, natural},
    value,
    writer::{Transaction, Work},
};

/// The column of the whole read model as JSON. No field can have this name.
const BODY: &str = "body$";

const CHECKPOINT: &str = "SELECT position, shape FROM checkpoints WHERE projection = ?1";

/// The table of a read model, in words of SQL. No table of the log begins with `view_`.
pub(crate) struct Table {
    pub(crate) schema: &'static Schema,
    name: String,
    columns: Vec<String>,
}

impl Table {
    pub(crate) fn of(schema: &'static Schema) -> Result<Self, Fault> {
        let names = || std::iter::once(schema.name).chain(schema.columns.iter().map(|column| column.name));
        if let Some(name) = names().find(|name| name.contains('\0')) {
            let invalid = InvalidInput::Nul { what: "name of a read model or its column", text: name.to_owned() };
            return Err(Fault::Store(invalid.into()));
        }
        Ok(Self {
            schema,
            name: identifier(&format!("view_{}", schema.name)),
            columns: schema.columns.iter().map(|column| identifier(column.name)).collect(),
        })
    }

    /// A column by its place in the schema.
    pub(crate) fn column(&self, place: usize) -> Result<&str, Fault> {
        self.columns.get(place).map(String::as_str).ok_or_else(|| {
            let (name, count) = (self.schema.name, self.columns.len());
            Fault::failed(format!("`{name}` has {count} columns, the query names column {place}"))
        })
    }

    pub(crate) fn key(&self) -> Result<&str, Fault> {
        self.column(0)
    }

    pub(crate) fn select(&self) -> String {
        format!("SELECT {}, {BODY} FROM {}", self.columns.join(", "), self.name)
    }

    pub(crate) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.name)
    }

    pub(crate) fn upsert(&self) -> Result<String, Fault> {
        let (name, key, columns) = (&self.name, self.key()?, self.columns.join(", "));
        let places = vec!["?"; self.columns.len() + 1].join(", ");
        let set = self.columns.iter().skip(1).map(|column| format!("{column} = excluded.{column}, "));
        let set: String = set.collect();
        Ok(format!(
            "INSERT INTO {name} ({columns}, {BODY}) VALUES ({places}) \
             ON CONFLICT ({key}) DO UPDATE SET {set}{BODY} = excluded.{BODY}"
        ))
    }

    /// Takes the same parameters as [`Self::upsert`], and finds a row only where none of its columns changes: it touches
    /// no index.
    pub(crate) fn update_body(&self) -> Result<String, Fault> {
        let (name, key, body) = (&self.name, self.key()?, self.columns.len() + 1);
        let others = self.columns.iter().enumerate().skip(1);
        let same: Vec<_> = others.map(|(place, column)| format!(" AND {column} IS ?{}", place + 1)).collect();
        Ok(format!("UPDATE {name} SET {BODY} = ?{body} WHERE {key} = ?1{}", same.concat()))
    }

    pub(crate) fn delete(&self) -> Result<String, Fault> {
        Ok(format!("DELETE FROM {} WHERE {} = ?1", self.name, self.key()?))
    }

    /// Prepares a statement on this table, which may not have been made.
    pub(crate) fn statement<'conn>(&self, conn: &'conn Connection, sql: &str) -> Result<CachedStatement<'conn>, Fault> {
        conn.prepare_cached(sql).map_err(|error| match &error {
            // The only error of its kind that has no code of its own.
            Error::SqliteFailure(_, Some(message)) if message.starts_with("no such table") => self.unprepared(),
            _ => error.into(),
        })
    }

    pub(crate) fn unprepared(&self) -> Fault {
        Fault::failed(format!("the table of `{}` was not prepared", self.schema.name))
    }

    pub(crate) fn reshaped(&self) -> Fault {
        Fault::failed(format!(
            "the table of `{0}` has another shape: drop the table `view_{0}` and the row of `{0}` in `checkpoints`, \
             and it is built anew from the log",
            self.schema.name
        ))
    }

    /// A row of [`Self::select`].
    pub(crate) fn row(&self, row: &Row<'_>) -> Result<cqrs_core::store::Row, Fault> {
        let columns = self.schema.columns.iter().enumerate().map(|(place, column)| {
            value::read(row.get_ref(place)?, column).ok_or_else(|| {
                let (name, column) = (self.schema.name, column.name);
                Fault::failed(format!("a row of `{name}` is damaged: its `{column}` cannot be read"))
            })
        });
        let columns = columns.collect::<Result<Vec<Value>, Fault>>()?;
        let body = row.get_ref(columns.len())?.as_bytes().map_err(Error::from)?.to_vec();
        Ok(cqrs_core::store::Row { columns, body })
    }

    fn create(&self) -> Result<String, Fault> {
        let named = || self.schema.columns.iter().zip(&self.columns);
        let columns = named().map(|(column, name)| {
            let declared = value::declared(column.column_type)
                .ok_or_else(|| Fault::failed(format!("columns of type {:?} are not supported", column.column_type)))?;
            let not_null = if column.nullable { "" } else { " NOT NULL" };
            Ok(format!("{name} {declared}{not_null}"))
        });
        let columns = columns.collect::<Result<Vec<_>, Fault>>()?.join(", ");
        let indexes = named().skip(1).map(|(column, name)| {
            let index = identifier(&format!("index_{}.{}", self.schema.name, column.name));
            format!("CREATE INDEX {index} ON {} ({name});", self.name)
        });
        // Without row ids an index ends with the key, which is what orders ties.
        Ok(format!(
            "CREATE TABLE {} ({columns}, {BODY} TEXT NOT NULL, PRIMARY KEY ({})) STRICT, WITHOUT ROWID;{}",
            self.name,
            self.key()?,
            indexes.collect::<String>()
        ))
    }
}

/// How far a projection has come and the shape of its table, if it ever ran.
pub(crate) fn checkpoint(conn: &Connection, projection: &str) -> Result<Option<(Position, u64)>, Fault> {
    let row: Option<(i64, i64)> =
        conn.prepare_cached(CHECKPOINT)?.query_row([projection], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    row.map(|(position, shape)| Ok((Position(natural(position)?), shape.cast_unsigned()))).transpose()
}

/// The making of a read model's table.
pub(crate) struct Prepare(pub(crate) &'static Schema);

impl Work for Prepare {
    type Answer = Position;

    fn perform(&self, transaction: &mut Transaction<'_>) -> Result<Position, Fault> {
        let Self(schema) = self;
        let conn = transaction.conn;
        let table = Table::of(schema)?;
        match checkpoint(conn, schema.name)? {
            Some((position, shape)) if shape == schema.shape => return Ok(position),
            Some(_) => return Err(table.reshaped()),
            None => {}
        }
        if schema.columns.first().is_some_and(|key| key.nullable) {
            return Err(Fault::Store(StoreError::Failed {
                message: format!("the key of `{}` may be `None`: a key must always be there", schema.name),
                source: None,
            }));
        }
        conn.execute_batch(&table.create()?)?;
        conn.prepare_cached("INSERT INTO checkpoints (projection, position, shape) VALUES (?1, 0, ?2)")?
            .execute(params![schema.name, schema.shape.cast_signed()])?;
        Ok(Position::START)
    }

    fn is_written(&self, _: &Connection) -> bool {
        // It may have been there before. Preparing again does no harm.
        false
    }
}
