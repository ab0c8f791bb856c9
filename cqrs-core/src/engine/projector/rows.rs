//! The rows of a projection in memory: loaded when an event concerns them, folded, and kept for the next.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    mem::discriminant,
};

use crate::{
    engine::decision::corrupt,
    event::EventSet as _,
    projection::Projection,
    read_model::{Column as _, Value},
    store::{Position, ReadModelStore, RecordedEvent, Row, RowChange, StoreError},
    views::decode_row,
};

/// Rows by their key; `None` where there is none in the store either.
pub(super) struct Rows<P> {
    kept: HashMap<Key, Kept<P>>,
}

struct Kept<P> {
    row: Option<P>,
    /// The place among the changes of the batch that is being folded.
    change: Option<usize>,
}

/// What a batch of events comes to.
pub(super) struct Folded {
    /// The rows that changed, each once.
    pub(super) changes: Vec<RowChange>,
    /// The event that could not be handled. `changes` are those of the events before it.
    pub(super) failed: Option<(Position, StoreError)>,
}

/// An event, and the row it concerns.
struct Concern<'a, P: Projection> {
    recorded: &'a RecordedEvent,
    event: P::Event,
    key: Key,
}

impl<P> Default for Rows<P> {
    fn default() -> Self {
        Self { kept: HashMap::new() }
    }
}

impl<P: Projection> Rows<P> {
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }

    /// Folds events into their rows, in order.
    ///
    /// # Errors
    /// Where rows cannot be loaded. An event that cannot be handled is told in the answer.
    pub(super) async fn fold(
        &mut self,
        store: &dyn ReadModelStore,
        events: &[RecordedEvent],
    ) -> Result<Folded, StoreError> {
        let mut concerns = Vec::with_capacity(events.len());
        let mut failed = None;
        for recorded in events {
            match concern::<P>(recorded) {
                Ok(concern) => concerns.extend(concern),
                Err(error) => {
                    failed = Some((recorded.position, error));
                    break;
                }
            }
        }
        self.load(store, &concerns).await?;
        let mut touched: Vec<(Key, &RecordedEvent)> = Vec::with_capacity(concerns.len());
        for Concern { recorded, event, key } in concerns {
            let kept = self.kept.entry(key.clone()).or_insert(Kept { row: None, change: None });
            match project(kept.row.take(), event, recorded, &key) {
                Ok(row) => kept.row = row,
                Err(error) => {
                    failed = Some((recorded.position, error));
                    break;
                }
            }
            match kept.change {
                Some(place) => touched[place].1 = recorded,
                None => {
                    kept.change = Some(touched.len());
                    touched.push((key, recorded));
                }
            }
        }
        let changes = touched.into_iter().map(|(key, recorded)| self.change(key, recorded));
        match changes.collect() {
            Ok(changes) => Ok(Folded { changes, failed }),
            // Which of several events made a row that cannot be written is not known; the batch is not either.
            Err((position, error)) => Ok(Folded { changes: Vec::new(), failed: Some((position, error)) }),
        }
    }

    fn change(&mut self, key: Key, recorded: &RecordedEvent) -> Result<RowChange, (Position, StoreError)> {
        let kept = self.kept.get_mut(&key);
        let row = kept.and_then(|kept| {
            kept.change = None;
            kept.row.as_ref()
        });
        let Some(row) = row else { return Ok(RowChange::Delete(key.0)) };
        let failed = |error: &dyn std::fmt::Display| (recorded.position, corrupt(recorded, error));
        let columns = row.columns().map_err(|error| failed(&error))?;
        let body = serde_json::to_vec(row).map_err(|error| failed(&error))?;
        Ok(RowChange::Put(Row { columns, body }))
    }

    /// Loads the rows that are not kept.
    async fn load(&mut self, store: &dyn ReadModelStore, concerns: &[Concern<'_, P>]) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for Concern { key, .. } in concerns {
            self.kept.entry(key.clone()).or_insert_with(|| {
                missing.push(key.0.clone());
                Kept { row: None, change: None }
            });
        }
        if missing.is_empty() {
            return Ok(());
        }
        let rows = store.load(P::SCHEMA, &missing).await?;
        for (key, row) in missing.into_iter().zip(rows) {
            let Some(row) = row else { continue };
            let row =
                decode_row(&row).map_err(|error| StoreError::Failed { message: error.to_string(), source: None })?;
            self.kept.insert(Key(key), Kept { row: Some(row), change: None });
        }
        Ok(())
    }
}

/// The row that an event concerns, if it concerns one.
fn concern<P: Projection>(recorded: &RecordedEvent) -> Result<Option<Concern<'_, P>>, StoreError> {
    let event =
        P::Event::decode_any(&recorded.event_type, &recorded.payload).map_err(|error| corrupt(recorded, &error))?;
    let Some(key) = P::row_key(&event) else { return Ok(None) };
    let key = Key(key.to_value().map_err(|error| corrupt(recorded, &error))?);
    Ok(Some(Concern { recorded, event, key }))
}

/// What an event makes of its row.
fn project<P: Projection>(
    row: Option<P>,
    event: P::Event,
    recorded: &RecordedEvent,
    key: &Key,
) -> Result<Option<P>, StoreError> {
    let row = P::project(row, event, recorded).map_err(|error| corrupt(recorded, &error))?;
    if let Some(row) = &row {
        let made = row.key().to_value().map_err(|error| corrupt(recorded, &error))?;
        if made != key.0 {
            let Key(key) = key;
            return Err(corrupt(recorded, &format_args!("its handler made the row {made} instead of {key}")));
        }
    }
    Ok(row)
}

/// A key that can be looked up. Floats are told apart by their bits.
#[derive(Clone)]
struct Key(Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
            (one, other) => one == other,
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        discriminant(&self.0).hash(hasher);
        match &self.0 {
            Value::Null => {}
            Value::Bool(value) => value.hash(hasher),
            Value::Int(value) => value.hash(hasher),
            Value::Float(value) => value.to_bits().hash(hasher),
            Value::Text(value) => value.hash(hasher),
            Value::Uuid(value) => value.hash(hasher),
            Value::Timestamp(value) => value.hash(hasher),
            Value::Date(value) => value.hash(hasher),
        }
    }
}
