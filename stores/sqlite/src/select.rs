//! Rows chosen, ordered and counted by the database.

use cqrs_core::{
    Schema, StoreError, Value,
    store::{Comparison, Direction, InvalidInput, Order, Predicate, Row, RowQuery},
};
use rusqlite::{Connection, params_from_iter};

use crate::{error::Fault, sql::int, tables::Table, value::Bound};

/// The most values that a query may bind; `SQLite` itself takes 32,766.
const MAX_VALUES: usize = 30_000;

pub(crate) fn rows(conn: &Connection, schema: &'static Schema, query: &RowQuery) -> Result<Vec<Row>, Fault> {
    let table = Table::of(schema)?;
    let mut select = Select::new(&table, table.select());
    select.choose(query)?;
    select.order(&query.order)?;
    select.window(query);
    let mut statement = table.statement(conn, &select.sql)?;
    let mut rows = statement.query(params_from_iter(select.values.iter().map(Bound)))?;
    let mut chosen = Vec::new();
    while let Some(row) = rows.next()? {
        chosen.push(table.row(row)?);
    }
    Ok(chosen)
}

pub(crate) fn count(conn: &Connection, schema: &'static Schema, query: &RowQuery) -> Result<u64, Fault> {
    let table = Table::of(schema)?;
    let mut select = Select::new(&table, table.count());
    select.choose(query)?;
    let mut statement = table.statement(conn, &select.sql)?;
    let count = statement.query_row(params_from_iter(select.values.iter().map(Bound)), |row| row.get(0))?;
    crate::sql::natural(count)
}

/// A statement that grows, and the values bound to it in order.
struct Select<'a> {
    table: &'a Table,
    sql: String,
    values: Vec<Value>,
}

impl<'a> Select<'a> {
    fn new(table: &'a Table, sql: String) -> Self {
        Self { table, sql, values: Vec::new() }
    }

    /// The filter, and the place to go on from.
    fn choose(&mut self, query: &RowQuery) -> Result<(), Fault> {
        self.sql += " WHERE 1";
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
            let invalid = InvalidInput::TooMany { what: "values in a query", count, limit: MAX_VALUES };
            return Err(Fault::Store(StoreError::Invalid(invalid)));
        }
        Ok(())
    }

    fn predicate(&mut self, predicate: &Predicate) -> Result<(), Fault> {
        let column = self.table.column(predicate.column)?.to_owned();
        match &predicate.comparison {
            Comparison::Eq(value) => self.compare(&column, " IS ", value),
            Comparison::Ne(value) => self.compare(&column, " IS NOT ", value),
            // `Null` is before every other value, and none of these is true of a row that has it.
            Comparison::Lt(Value::Null) | Comparison::Le(Value::Null) => self.sql += "0",
            Comparison::Gt(Value::Null) | Comparison::Ge(Value::Null) => self.push(&[&column, " IS NOT NULL"]),
            Comparison::Lt(value) => self.compare(&column, " < ", value),
            Comparison::Le(value) => self.compare(&column, " <= ", value),
            Comparison::Gt(value) => self.compare(&column, " > ", value),
            Comparison::Ge(value) => self.compare(&column, " >= ", value),
            Comparison::In(values) => {
                let some = values.iter().filter(|value| **value != Value::Null);
                let before = self.values.len();
                self.values.extend(some.cloned());
                let places = vec!["?"; self.values.len() - before].join(", ");
                self.push(&["(", &column, " IN (", &places, ")"]);
                if values.contains(&Value::Null) {
                    self.push(&[" OR ", &column, " IS NULL"]);
                }
                self.sql.push(')');
            }
        }
        Ok(())
    }

    fn push(&mut self, words: &[&str]) {
        self.sql.extend(words.iter().copied());
    }

    fn compare(&mut self, column: &str, operator: &str, value: &Value) {
        self.push(&[column, operator, "?"]);
        self.values.push(value.clone());
    }

    /// Rows behind a place: behind it in the first column, or equal there and behind it in the second, and so on.
    fn behind(&mut self, order: &[Order], place: &[Value]) -> Result<(), Fault> {
        let order = whole(order);
        if place.len() != order.len() {
            let (name, is, should) = (self.table.schema.name, place.len(), order.len());
            return Err(Fault::failed(format!("a place in this order of `{name}` has {should} values, not {is}")));
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
                let column = self.table.column(equal.column)?.to_owned();
                self.compare(&column, " IS ", value);
                self.sql += " AND ";
            }
            self.behind_one(*last, value)?;
        }
        self.sql.push(')');
        Ok(())
    }

    fn behind_one(&mut self, order: Order, value: &Value) -> Result<(), Fault> {
        let column = self.table.column(order.column)?.to_owned();
        match (order.direction, value) {
            (Direction::Ascending, Value::Null) => self.push(&[&column, " IS NOT NULL"]),
            (Direction::Ascending, value) => self.compare(&column, " > ", value),
            (Direction::Descending, Value::Null) => self.sql.push('0'),
            (Direction::Descending, value) => {
                self.sql.push('(');
                self.compare(&column, " < ", value);
                self.push(&[" OR ", &column, " IS NULL)"]);
            }
        }
        Ok(())
    }

    fn not_before(&mut self, order: Order, value: &Value) -> Result<(), Fault> {
        let column = self.table.column(order.column)?.to_owned();
        let nullable = self.table.schema.columns.get(order.column).is_some_and(|column| column.nullable);
        match (order.direction, value) {
            (Direction::Ascending, Value::Null) => self.sql.push('1'),
            (Direction::Ascending, value) => self.compare(&column, " >= ", value),
            (Direction::Descending, Value::Null) => self.push(&[&column, " IS NULL"]),
            (Direction::Descending, value) if !nullable => self.compare(&column, " <= ", value),
            (Direction::Descending, _) => self.sql.push('1'),
        }
        Ok(())
    }

    /// `SQLite` puts `NULL` where the contract wants it: first ascending, last descending.
    fn order(&mut self, order: &[Order]) -> Result<(), Fault> {
        for (at, order) in whole(order).iter().enumerate() {
            let separator = if at == 0 { " ORDER BY " } else { ", " };
            let direction = if order.direction == Direction::Descending { " DESC" } else { "" };
            let column = self.table.column(order.column)?.to_owned();
            self.push(&[separator, &column, direction]);
        }
        Ok(())
    }

    fn window(&mut self, query: &RowQuery) {
        let limit = query.limit.map_or(-1, int);
        self.sql += " LIMIT ? OFFSET ?";
        self.values.extend([Value::Int(limit), Value::Int(int(query.offset))]);
    }
}

/// The order with the key at its end, so that no two rows are equal in it.
fn whole(order: &[Order]) -> Vec<Order> {
    order.iter().copied().chain([Order { column: 0, direction: Direction::Ascending }]).collect()
}
