//! The tables of read models, in words of SQL.

use cqrs_core::{
    ColumnSchema, Schema, StoreError, Value,
    store::{InvalidInput, Row},
};
use tokio_postgres::{Error, error::SqlState, types::Type};

use crate::{
    error::{driver_error, failed},
    names::{MAX_IDENTIFIER_BYTES, Names, quoted},
    value::{self, Declared, Raw},
};

/// The column of the whole read model as JSON. No field can have this name.
pub(crate) const BODY: &str = "\"body$\"";

/// Names that the server gives to columns of its own. A field of such a name has a `$` behind it.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The table of a read model. No table of the log begins with `view_`.
pub(crate) struct Table {
    pub(crate) schema: &'static Schema,
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// The table of checkpoints.
    checkpoints: String,
}

pub(crate) struct Column {
    pub(crate) schema: &'static ColumnSchema,
    /// Without quotes.
    pub(crate) plain: String,
    pub(crate) name: String,
    pub(crate) declared: Declared,
}

impl Table {
    pub(crate) fn of(schema: &'static Schema, names: &Names) -> Result<Self, StoreError> {
        let view = format!("view_{}", schema.name);
        check_name("name of a read model's table", &names.local(&view))?;
        if schema.columns.is_empty() {
            return Err(failed(format!("`{}` has no key", schema.name)));
        }
        Ok(Self {
            schema,
            name: names.of(&view),
            columns: schema.columns.iter().map(Column::of).collect::<Result<_, _>>()?,
            checkpoints: names.of("checkpoints"),
        })
    }

    /// A column by its place in the schema.
    pub(crate) fn column(&self, place: usize) -> Result<&Column, StoreError> {
        self.columns.get(place).ok_or_else(|| {
            let (name, count) = (self.schema.name, self.columns.len());
            failed(format!("`{name}` has {count} columns, the query names column {place}"))
        })
    }

    pub(crate) fn key(&self) -> &Column {
        &self.columns[0]
    }

    fn list(&self, of: impl Fn(&Column) -> String) -> String {
        self.columns.iter().map(of).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn select(&self) -> String {
        format!("SELECT {}, {BODY} FROM {}", self.list(|column| column.name.clone()), self.name)
    }

    pub(crate) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.name)
    }

    /// The rows of the keys in an array, each with its key's place there. `OFFSET 0` keeps the look-ups from becoming a join,
    /// which a plan made for a small table would read whole.
    pub(crate) fn load(&self) -> String {
        let columns = self.list(|column| column.name.clone());
        let (name, key) = (&self.name, &self.key().name);
        format!(
            "SELECT v.*, k.number FROM unnest($1) WITH ORDINALITY k(key, number) CROSS JOIN LATERAL \
             (SELECT {columns}, {BODY} FROM {name} WHERE {key} = k.key OFFSET 0) v"
        )
    }

    /// Moves the checkpoint `$1` to `$2` where it is at `$3` and of shape `$4`, and only then writes rows, given as an array
    /// a column and one of bodies, and removes those of the keys in the last array. Answers with a row if so.
    pub(crate) fn commit(&self) -> String {
        let (name, key, checkpoints) = (&self.name, &self.key().name, &self.checkpoints);
        let columns = self.list(|column| column.name.clone());
        let bodies = self.columns.len() + 5;
        let arrays = (5..bodies).map(|number| format!("${number}, ")).collect::<Vec<_>>().concat();
        let set = self.columns.iter().skip(1).map(|Column { name, .. }| format!("{name} = excluded.{name}, "));
        let set: String = set.collect();
        format!(
            "WITH moved AS (\
                 UPDATE {checkpoints} SET position = $2 WHERE projection = $1 AND position = $3 AND shape = $4 RETURNING 1\
             ), put AS (\
                 INSERT INTO {name} ({columns}, {BODY}) SELECT * FROM unnest({arrays}${bodies}) WHERE EXISTS (SELECT FROM moved) \
                 ON CONFLICT ({key}) DO UPDATE SET {set}{BODY} = excluded.{BODY}\
             ), gone AS (\
                 DELETE FROM {name} WHERE {key} = ANY (${}) AND EXISTS (SELECT FROM moved)\
             ) SELECT FROM moved",
            bodies + 1
        )
    }

    /// The statements that make the table.
    ///
    /// An index ends with the key, which orders ties. The server finds names for the indexes that are free and not too long.
    /// Rows that change without a change of what is indexed stay on their page, where the fill factor leaves room.
    pub(crate) fn create(&self) -> String {
        let (name, key) = (&self.name, &self.key().name);
        let columns = self.list(|Column { name, schema, declared, .. }| {
            format!("{name} {}{}", declared.sql, if schema.nullable { "" } else { " NOT NULL" })
        });
        let indexes = self.columns.iter().skip(1).map(|column| {
            let nulls = if column.schema.nullable { " NULLS FIRST" } else { "" };
            format!("CREATE INDEX ON {name} ({}{nulls}, {key});\n", column.name)
        });
        format!(
            "CREATE TABLE {name} ({columns}, {BODY} json NOT NULL, PRIMARY KEY ({key})) WITH (fillfactor = 85);\n{}",
            indexes.collect::<String>()
        )
    }

    /// A row of a statement that begins with the columns, and with the body behind them.
    pub(crate) fn row(&self, row: &tokio_postgres::Row) -> Result<Row, StoreError> {
        let raw = |place| row.try_get::<_, Raw<'_>>(place).map_err(|error| self.damaged(BODY, &error.to_string()));
        let columns = self.schema.columns.iter().enumerate().map(|(place, column)| {
            let stored = row.columns().get(place).map_or(&Type::UNKNOWN, |column| column.type_());
            value::read(&raw(place)?, stored, column.column_type)
                .filter(|value| column.nullable || *value != Value::Null)
                .ok_or_else(|| self.damaged(&format!("`{}`", column.name), "it is none of the column's type"))
        });
        let columns = columns.collect::<Result<Vec<Value>, StoreError>>()?;
        match raw(columns.len())? {
            Raw(Some(body)) => Ok(Row { columns, body: body.to_vec() }),
            Raw(None) => Err(self.damaged(BODY, "it is NULL")),
        }
    }

    fn damaged(&self, column: &str, why: &str) -> StoreError {
        failed(format!("a row of `{}` is damaged: its {column} cannot be read: {why}", self.schema.name))
    }

    pub(crate) fn unprepared(&self) -> StoreError {
        failed(format!("the table of `{}` was not prepared", self.schema.name))
    }

    pub(crate) fn reshaped(&self) -> StoreError {
        self.unusable("has another shape")
    }

    /// The table is not one that the projection could go on with.
    pub(crate) fn unusable(&self, why: &str) -> StoreError {
        let (model, name, checkpoints) = (self.schema.name, &self.name, &self.checkpoints);
        failed(format!(
            "the table of `{model}` {why}: drop the table `{name}` and the row of `{model}` in `{checkpoints}`, and it is \
             built anew from the log"
        ))
    }

    /// An error of a statement on this table, which may not have been made.
    pub(crate) fn explained(&self, error: StoreError) -> StoreError {
        let code = driver_error(&error).and_then(Error::code);
        if code == Some(&SqlState::UNDEFINED_TABLE) {
            return self.unprepared();
        }
        match error {
            StoreError::Failed { message, source } => {
                StoreError::Failed { message: format!("the rows of `{}`: {message}", self.schema.name), source }
            }
            other => other,
        }
    }
}

impl Column {
    fn of(schema: &'static ColumnSchema) -> Result<Self, StoreError> {
        let is_taken = SYSTEM_COLUMNS.contains(&schema.name);
        let plain = format!("{}{}", schema.name, if is_taken { "$" } else { "" });
        check_name("name of a read model's column", &plain)?;
        let declared = value::declared(schema.column_type)
            .ok_or_else(|| failed(format!("columns of type {:?} are not supported", schema.column_type)))?;
        Ok(Self { schema, name: quoted(&plain), plain, declared })
    }
}

/// The server would cut what is longer, and take two names for one.
fn check_name(what: &'static str, name: &str) -> Result<(), StoreError> {
    if name.contains('\0') {
        return Err(InvalidInput::Nul { what, text: name.to_owned() }.into());
    }
    if name.len() > MAX_IDENTIFIER_BYTES {
        return Err(InvalidInput::TooLong { what, bytes: name.len(), limit: MAX_IDENTIFIER_BYTES }.into());
    }
    Ok(())
}
