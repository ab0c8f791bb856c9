//! The tables that projections fill, and their checkpoints (R1).

use std::collections::BTreeMap;

use super::{
    hash::HashMap,
    order::{Key, compare_rows, compare_to_place, holds},
};
use crate::{
    read_model::{Schema, Value},
    store::{Position, ProjectionBatch, Row, RowChange, RowQuery, StoreError},
};

#[derive(Default)]
pub(super) struct Tables {
    tables: HashMap<&'static str, Table>,
}

/// Every row in it has a value for every column of its schema.
struct Table {
    schema: &'static Schema,
    checkpoint: Position,
    rows: BTreeMap<Key, Row>,
}

impl Tables {
    pub(super) fn prepare(&mut self, schema: &'static Schema) -> Result<Position, StoreError> {
        self.tables.entry(schema.name).or_insert_with(|| Table {
            schema,
            checkpoint: Position::START,
            rows: BTreeMap::new(),
        });
        self.table(schema).map(|table| table.checkpoint)
    }

    pub(super) fn checkpoint(&self, projection: &str) -> Position {
        self.tables.get(projection).map_or(Position::START, |table| table.checkpoint)
    }

    pub(super) fn load(&self, schema: &Schema, keys: &[Value]) -> Result<Vec<Option<Row>>, StoreError> {
        let table = self.table(schema)?;
        Ok(keys.iter().map(|key| table.rows.get(&Key(key.clone())).cloned()).collect())
    }

    pub(super) fn commit(&mut self, batch: ProjectionBatch) -> Result<(), StoreError> {
        let schema = batch.schema;
        let actual = self.table(schema)?.checkpoint;
        if actual != batch.expected {
            return Err(StoreError::CheckpointMoved {
                projection: schema.name.to_owned(),
                expected: batch.expected,
                actual,
            });
        }
        for change in &batch.changes {
            if let RowChange::Put(row) = change
                && row.columns.len() != schema.columns.len()
            {
                let (is, should) = (row.columns.len(), schema.columns.len());
                return Err(failed(format!("a row of `{}` has {is} columns instead of {should}", schema.name)));
            }
        }
        let Some(table) = self.tables.get_mut(schema.name) else { return Err(unprepared(schema)) };
        table.checkpoint = batch.checkpoint;
        for change in batch.changes {
            match change {
                RowChange::Put(row) => {
                    table.rows.insert(Key(row.columns[0].clone()), row);
                }
                RowChange::Delete(key) => {
                    table.rows.remove(&Key(key));
                }
            }
        }
        Ok(())
    }

    pub(super) fn select(&self, schema: &Schema, query: &RowQuery) -> Result<Vec<Row>, StoreError> {
        let mut chosen: Vec<&Row> = self.table(schema)?.chosen(query)?.collect();
        if !query.order.is_empty() {
            chosen.sort_by(|left, right| compare_rows(query, left, right));
        }
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(chosen.into_iter().skip(offset).take(limit).cloned().collect())
    }

    pub(super) fn count(&self, schema: &Schema, query: &RowQuery) -> Result<u64, StoreError> {
        Ok(self.table(schema)?.chosen(query)?.count() as u64)
    }

    fn table(&self, schema: &Schema) -> Result<&Table, StoreError> {
        match self.tables.get(schema.name) {
            Some(table) if table.schema == schema => Ok(table),
            Some(_) => Err(failed(format!("the table of `{}` exists in another shape", schema.name))),
            None => Err(unprepared(schema)),
        }
    }
}

impl Table {
    /// The rows that the filter chooses behind the query's place, by key.
    fn chosen<'a>(&'a self, query: &'a RowQuery) -> Result<impl Iterator<Item = &'a Row>, StoreError> {
        let columns = self.schema.columns.len();
        let named = query.filter.iter().map(|predicate| predicate.column);
        if let Some(column) =
            named.chain(query.order.iter().map(|order| order.column)).find(|column| *column >= columns)
        {
            return Err(failed(format!(
                "`{}` has {columns} columns, the query names column {column}",
                self.schema.name
            )));
        }
        if let Some(after) = &query.after
            && after.len() != query.order.len() + 1
        {
            let (is, should) = (after.len(), query.order.len() + 1);
            return Err(failed(format!(
                "a place in this order of `{}` has {should} values, not {is}",
                self.schema.name
            )));
        }
        Ok(self.rows.values().filter(|row| {
            query.filter.iter().all(|predicate| holds(predicate, row))
                && query.after.as_ref().is_none_or(|after| compare_to_place(query, row, after.iter()).is_gt())
        }))
    }
}

fn unprepared(schema: &Schema) -> StoreError {
    failed(format!("the table of `{}` was not prepared", schema.name))
}

fn failed(message: String) -> StoreError {
    StoreError::Failed { message, source: None }
}
