//! Read models: rows made for reading.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

/// A row made for reading, with a key and some indexed fields.
///
/// Derive it with `#[derive(ReadModel)]`, which also writes a constant for every keyed and indexed field
/// (`UserView::EMAIL`), so that a query that would scan does not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a read model",
    label = "not a read model",
    note = "add `#[derive(ReadModel)]` to `{Self}` and `#[cqrs(key)]` to the field that identifies a row"
)]
pub trait ReadModel: Sized + Send + Sync + 'static {
    /// What identifies a row.
    type Key: Column + Clone;

    /// Its name, columns and shape.
    const SCHEMA: &'static Schema;

    /// The row's key.
    fn key(&self) -> &Self::Key;

    /// The values of the columns, in the schema's order.
    fn columns(&self) -> Result<Vec<Value>, ColumnError>;

    /// The whole row as JSON, as `serde_json::to_vec` writes it.
    fn to_row(&self) -> serde_json::Result<Vec<u8>>;

    /// Reads a row back, as `serde_json::from_slice` does.
    fn from_row(row: &[u8]) -> serde_json::Result<Self>;
}

/// The name, columns and shape of a read model.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// The table's name.
    pub name: &'static str,
    /// The key, then every indexed field.
    pub columns: &'static [ColumnSchema],
    /// A hash of all fields, their types and the serde attributes on them: another shape is another table (R4).
    pub shape: u64,
}

/// One column of a read model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSchema {
    /// The field's name.
    pub name: &'static str,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether it may be `Null`.
    pub nullable: bool,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits with sign.
    Int,
    /// A floating-point number of 64 bits.
    Float,
    /// Text, compared byte by byte.
    Text,
    /// An id of 128 bits.
    Uuid,
    /// A moment, to the microsecond.
    Timestamp,
    /// A day.
    Date,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, serde::Deserialize)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// An id.
    Uuid(Uuid),
    /// A moment.
    Timestamp(DateTime<Utc>),
    /// A day.
    Date(NaiveDate),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::Uuid(value) => value.fmt(f),
            Self::Timestamp(value) => value.fmt(f),
            Self::Date(value) => value.fmt(f),
        }
    }
}

/// A value that its column cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value} does not fit into a column of type {column_type:?}")]
pub struct ColumnError {
    /// The value.
    pub value: String,
    /// The column's type.
    pub column_type: ColumnType,
}

/// What can be a key or an indexed field of a read model.
///
/// For a type of your own, answer with what it is made of:
///
/// ```
/// use cqrs::{Column, ColumnError, ColumnType, Value};
///
/// #[derive(Clone)]
/// struct OrderNumber(u32);
///
/// impl Column for OrderNumber {
///     const TYPE: ColumnType = u32::TYPE;
///     fn to_value(&self) -> Result<Value, ColumnError> {
///         self.0.to_value()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key or an indexed field of a read model",
    label = "no column for it",
    note = "columns hold `bool`, integers, floats, `String`, `Uuid`, `DateTime<Utc>`, `NaiveDate` and `Option`s of them; \
            for a type of your own implement `cqrs::Column`"
)]
pub trait Column: Send + Sync + 'static {
    /// What its column holds.
    const TYPE: ColumnType;

    /// Whether it may be [`Value::Null`].
    const NULLABLE: bool = false;

    /// The value as its column holds it.
    fn to_value(&self) -> Result<Value, ColumnError>;
}

macro_rules! column {
    ($($type:ty => $variant:ident, |$value:ident| $make:expr;)*) => {
        $(impl Column for $type {
            const TYPE: ColumnType = ColumnType::$variant;
            fn to_value(&self) -> Result<Value, ColumnError> {
                let $value = self;
                Ok(Value::$variant($make))
            }
        })*
    };
}

column! {
    bool => Bool, |value| *value;
    i8 => Int, |value| i64::from(*value);
    i16 => Int, |value| i64::from(*value);
    i32 => Int, |value| i64::from(*value);
    i64 => Int, |value| *value;
    u8 => Int, |value| i64::from(*value);
    u16 => Int, |value| i64::from(*value);
    u32 => Int, |value| i64::from(*value);
    String => Text, |value| value.clone();
    char => Text, |value| value.to_string();
    Uuid => Uuid, |value| *value;
    DateTime<Utc> => Timestamp, |value| *value;
    NaiveDate => Date, |value| *value;
}

macro_rules! float_column {
    ($($type:ty)*) => {
        $(impl Column for $type {
            const TYPE: ColumnType = ColumnType::Float;
            fn to_value(&self) -> Result<Value, ColumnError> {
                // JSON has no other numbers, so the row could not be read back.
                if self.is_finite() {
                    return Ok(Value::Float(f64::from(*self)));
                }
                Err(ColumnError { value: self.to_string(), column_type: ColumnType::Float })
            }
        })*
    };
}

float_column!(f32 f64);

macro_rules! wide_column {
    ($($type:ty)*) => {
        $(impl Column for $type {
            const TYPE: ColumnType = ColumnType::Int;
            fn to_value(&self) -> Result<Value, ColumnError> {
                i64::try_from(*self)
                    .map(Value::Int)
                    .map_err(|_| ColumnError { value: self.to_string(), column_type: ColumnType::Int })
            }
        })*
    };
}

wide_column!(u64 usize isize);

impl<T: Column> Column for Option<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;

    fn to_value(&self) -> Result<Value, ColumnError> {
        self.as_ref().map_or(Ok(Value::Null), Column::to_value)
    }
}

/// A keyed or indexed field of `M`: what queries may filter and order by.
pub struct ColumnRef<M, T> {
    place: usize,
    column_type: ColumnType,
    nullable: bool,
    // Asked for here and not where it is used, so that a type without a column is one error.
    value: fn(&T) -> Result<Value, ColumnError>,
    model: PhantomData<fn() -> M>,
}

impl<M, T> Clone for ColumnRef<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for ColumnRef<M, T> {}

impl<M, T> ColumnRef<M, T> {
    /// The column at `place` of the schema. Written by `#[derive(ReadModel)]`.
    #[must_use]
    pub const fn new(place: usize) -> Self
    where
        T: Column,
    {
        Self { place, column_type: T::TYPE, nullable: T::NULLABLE, value: T::to_value, model: PhantomData }
    }

    /// Its entry in the schema.
    #[must_use]
    pub const fn schema(self, name: &'static str) -> ColumnSchema {
        ColumnSchema { name, column_type: self.column_type, nullable: self.nullable }
    }

    /// What it holds of a field.
    ///
    /// # Errors
    /// Where the field's value does not fit.
    pub fn value(self, field: &T) -> Result<Value, ColumnError> {
        (self.value)(field)
    }

    /// Its place in the schema.
    #[must_use]
    pub const fn place(self) -> usize {
        self.place
    }
}

impl<M: ReadModel, T> fmt::Debug for ColumnRef<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = M::SCHEMA.columns.get(self.place).map_or("?", |column| column.name);
        write!(f, "{}.{column}", M::SCHEMA.name)
    }
}
