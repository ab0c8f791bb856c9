//! Rows chosen, ordered and counted by the server.

use std::fmt::Write as _;

use cqrs_core::{
    Schema, StoreError, Value,
    store::{Comparison, Direction, InvalidInput, Order, Predicate, Row, RowQuery},
};
use tokio_postgres::types::Type;

use crate::{
    database::{Database, Parameter},
    error::{damaged, failed},
    tables::{Column, Table},
    value::Bound,
};

/// The most values that a query may bind, those of a list counted as one; the server itself takes 65,535.
const MAX_VALUES: usize = 30_000;

pub(crate) async fn rows(
    database: &Database,
    schema: &'static Schema,
    query: &RowQuery,
) -> Result<Vec<Row>, StoreError> {
    let table = Table::of(schema, &database.names)?;
    let mut select = Select::new(&table, table.select());
    select.choose(query)?;
    select.order(&query.order)?;
    select.window(query);
    select.run(database).await?.iter().map(|row| table.row(row)).collect()
}

pub(crate) async fn count(database: &Database, schema: &'static Schema, query: &RowQuery) -> Result<u64, StoreError> {
    let table = Table::of(schema, &database.names)?;
    let mut select = Select::new(&table, table.count());
    select.choose(query)?;
    let rows = select.run(database).await?;
    let count: i64 = rows.first().ok_or_else(|| damaged("no count"))?.try_get(0).map_err(damaged)?;
    u64::try_from(count).map_err(damaged)
}

/// A statement that grows, and the values bound to it in order.
struct Select<'a> {
    table: &'a Table,
    sql: String,
    values: Vec<(Bound<'a>, Type)>,
}

impl<'a> Select<'a> {
    fn new(table: &'a Table, sql: String) -> Self {
        Self { table, sql, values: Vec::new() }
    }

    async fn run(&self, database: &Database) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let values: Vec<Parameter<'_>> =
            self.values.iter().map(|(value, declared)| (value as _, declared.clone())).collect();
        database.query(&self.sql, &values).await.map_err(|error| self.table.explained(error))
    }

    /// The filter, and the place to go on from.
    fn choose(&mut self, query: &'a RowQuery) -> Result<(), StoreError> {
        self.sql += " WHERE true";
        for predicate in &query.filter {
            self.sql += " AND ";
            self.predicate(predicate)?;
        }
        if let Some(place) = &query.after {
            self.sql += " AND ";
            self.behind(&query.order, place)?;
        }
        if self.values.len() > MAX_VALUES {
            let count = self.values.len();
            return Err(InvalidInput::TooMany { what: "values in a query", count, limit: MAX_VALUES }.into());
        }
        Ok(())
    }

    fn predicate(&mut self, predicate: &'a Predicate) -> Result<(), StoreError> {
        let column = self.table.column(predicate.column)?;
        let is_nullable = column.schema.nullable;
        match &predicate.comparison {
            Comparison::Eq(value) => self.equal(column, value),
            // `Null` is before every other value, and none of these is true of a row that has it.
            Comparison::Lt(Value::Null) | Comparison::Le(Value::Null) => self.sql += "false",
            Comparison::Ne(Value::Null) | Comparison::Gt(Value::Null) | Comparison::Ge(Value::Null) => {
                self.push(&[&column.name, " IS NOT NULL"]);
            }
            Comparison::Ne(value) if is_nullable => self.compare(column, " IS DISTINCT FROM ", value),
            Comparison::Ne(value) => self.compare(column, " <> ", value),
            Comparison::Lt(value) => self.compare(column, " < ", value),
            Comparison::Le(value) => self.compare(column, " <= ", value),
            Comparison::Gt(value) => self.compare(column, " > ", value),
            Comparison::Ge(value) => self.compare(column, " >= ", value),
            Comparison::In(values) => {
                self.push(&["(", &column.name, " = ANY ("]);
                self.bind(Bound::Some(values), column.declared.array.clone());
                self.sql.push(')');
                if values.contains(&Value::Null) {
                    self.push(&[" OR ", &column.name, " IS NULL"]);
                }
                self.sql.push(')');
            }
        }
        Ok(())
    }

    fn push(&mut self, words: &[&str]) {
        self.sql.extend(words.iter().copied());
    }

    fn bind(&mut self, value: Bound<'a>, declared: Type) {
        self.values.push((value, declared));
        // Writing to a string cannot fail.
        let _ = write!(self.sql, "${}", self.values.len());
    }

    fn compare(&mut self, column: &Column, operator: &str, value: &'a Value) {
        self.push(&[&column.name, operator]);
        self.bind(Bound::One(value), column.declared.one.clone());
    }

    /// In words that an index can use.
    fn equal(&mut self, column: &Column, value: &'a Value) {
        match value {
            Value::Null => self.push(&[&column.name, " IS NULL"]),
            value => self.compare(column, " = ", value),
        }
    }

    /// Rows behind a place: behind it in the first column, or equal there and behind it in the second, and so on.
    fn behind(&mut self, order: &[Order], place: &'a [Value]) -> Result<(), StoreError> {
        let order = whole(order);
        if place.len() != order.len() {
            let (name, is, should) = (self.table.schema.name, place.len(), order.len());
            return Err(failed(format!("a place in this order of `{name}` has {should} values, not {is}")));
        }
        let ascends = |order: &Order| order.direction == Direction::Ascending;
        if order.iter().all(ascends) && !place.contains(&Value::Null) {
            return self.behind_all(&order, place);
        }
        // Implied by the alternatives, but an index can use only this.
        if let (Some(first), Some(value)) = (order.first(), place.first()) {
            self.not_before(*first, value)?;
            self.sql += " AND ";
        }
        self.sql.push('(');
        for (at, (last, value)) in order.iter().zip(place).enumerate() {
            if at > 0 {
                self.sql += " OR ";
            }
            for (equal, value) in order.iter().zip(place).take(at) {
                let column = self.table.column(equal.column)?;
                self.equal(column, value);
                self.sql += " AND ";
            }
            self.behind_one(*last, value)?;
        }
        self.sql.push(')');
        Ok(())
    }

    /// Where all columns ascend, a comparison of rows says the same, and an index leads to the very place. A column that is
    /// NULL is before the place and not chosen.
    fn behind_all(&mut self, order: &[Order], place: &'a [Value]) -> Result<(), StoreError> {
        let columns = order.iter().map(|order| self.table.column(order.column)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        self.push(&["(", &names.join(", "), ") > ("]);
        for (at, (column, value)) in columns.into_iter().zip(place).enumerate() {
            self.sql += if at == 0 { "" } else { ", " };
            self.bind(Bound::One(value), column.declared.one.clone());
        }
        self.sql.push(')');
        Ok(())
    }

    fn behind_one(&mut self, order: Order, value: &'a Value) -> Result<(), StoreError> {
        let column = self.table.column(order.column)?;
        match (order.direction, value) {
            (Direction::Ascending, Value::Null) => self.push(&[&column.name, " IS NOT NULL"]),
            (Direction::Ascending, value) => self.compare(column, " > ", value),
            (Direction::Descending, Value::Null) => self.sql += "false",
            (Direction::Descending, value) if !column.schema.nullable => self.compare(column, " < ", value),
            (Direction::Descending, value) => {
                self.sql.push('(');
                self.compare(column, " < ", value);
                self.push(&[" OR ", &column.name, " IS NULL)"]);
            }
        }
        Ok(())
    }

    fn not_before(&mut self, order: Order, value: &'a Value) -> Result<(), StoreError> {
        let column = self.table.column(order.column)?;
        match (order.direction, value) {
            (Direction::Ascending, Value::Null) => self.sql += "true",
            (Direction::Ascending, value) => self.compare(column, " >= ", value),
            (Direction::Descending, Value::Null) => self.push(&[&column.name, " IS NULL"]),
            (Direction::Descending, value) if !column.schema.nullable => self.compare(column, " <= ", value),
            (Direction::Descending, _) => self.sql += "true",
        }
        Ok(())
    }

    /// As the indexes are made, so that they can be used.
    fn order(&mut self, order: &[Order]) -> Result<(), StoreError> {
        for (at, order) in whole(order).iter().enumerate() {
            let column = self.table.column(order.column)?;
            let way = match (order.direction, column.schema.nullable) {
                (Direction::Ascending, false) => "",
                (Direction::Ascending, true) => " NULLS FIRST",
                (Direction::Descending, false) => " DESC",
                (Direction::Descending, true) => " DESC NULLS LAST",
            };
            self.push(&[if at == 0 { " ORDER BY " } else { ", " }, &column.name, way]);
        }
        Ok(())
    }

    fn window(&mut self, query: &RowQuery) {
        self.sql += " LIMIT ";
        self.bind(Bound::Count(query.limit), Type::INT8);
        self.sql += " OFFSET ";
        self.bind(Bound::Count(Some(query.offset)), Type::INT8);
    }
}

/// The order with the key at its end, so that no two rows are equal in it.
fn whole(order: &[Order]) -> Vec<Order> {
    order.iter().copied().chain([Order { column: 0, direction: Direction::Ascending }]).collect()
}
