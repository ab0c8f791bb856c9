//! The rows of a projection in memory: loaded when an event concerns them, folded, and kept for the next.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{Hash, Hasher},
    mem::{self, discriminant},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    engine::decision::corrupt,
    event::EventSet as _,
    projection::{Projection, panic_text},
    read_model::{Column as _, Value},
    store::{ReadModelStore, RecordedEvent, Row, RowChange, StoreError},
    views::decode_row,
};

/// Rows in memory, each at a place that its key tells.
pub(super) struct Rows<P> {
    places: HashMap<Key, usize>,
    kept: Vec<Kept<P>>,
    /// What the rows hold beside their own size, as long as it is in JSON.
    held: usize,
}

struct Kept<P> {
    key: Value,
    /// `None` where there is none in the store either.
    row: Option<P>,
    /// Its length in JSON when it was last read or written.
    length: usize,
    /// The place among the changes of the batch that is being folded.
    change: Option<usize>,
}

/// An event that cannot be handled. Rows were taken apart by it; what is kept is of no use any more.
pub(super) struct Failed {
    /// Its place among the events of the batch; 0 where one of several made a row that cannot be written.
    pub(super) place: usize,
    pub(super) error: StoreError,
}

/// An event, and the place of the row it concerns.
struct Concern<'a, P: Projection> {
    number: usize,
    recorded: &'a RecordedEvent,
    event: P::Event,
    place: usize,
}

impl<P> Default for Rows<P> {
    fn default() -> Self {
        Self { places: HashMap::new(), kept: Vec::new(), held: 0 }
    }
}

impl<P: Projection> Rows<P> {
    /// About how much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.kept.len() * (size_of::<Kept<P>>() + size_of::<(Key, usize)>()) + self.held
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
        self.kept.clear();
        self.held = 0;
    }

    /// Folds events into their rows, in order. Answers with the rows that changed, each once.
    ///
    /// # Errors
    /// The outer one where rows cannot be loaded.
    pub(super) async fn fold(
        &mut self,
        store: &dyn ReadModelStore,
        events: &[RecordedEvent],
    ) -> Result<Result<Vec<RowChange>, Failed>, StoreError> {
        let known = self.kept.len();
        let mut concerns: Vec<Concern<'_, P>> = Vec::with_capacity(events.len());
        for (number, recorded) in events.iter().enumerate() {
            match unpanicked(recorded, || concern::<P>(recorded)) {
                Ok(Some((event, key))) => concerns.push(Concern { number, recorded, event, place: self.place(key) }),
                Ok(None) => {}
                Err(error) => return Ok(Err(Failed { place: number, error })),
            }
        }
        self.load(store, known).await?;
        let mut touched: Vec<(usize, &RecordedEvent)> = Vec::with_capacity(concerns.len());
        for Concern { number, recorded, event, place } in concerns {
            let Kept { key, row, change, .. } = &mut self.kept[place];
            match unpanicked(recorded, || project(row.take(), event, recorded, key)) {
                Ok(made) => *row = made,
                Err(error) => return Ok(Err(Failed { place: number, error })),
            }
            match change {
                Some(change) => touched[*change].1 = recorded,
                None => {
                    *change = Some(touched.len());
                    touched.push((place, recorded));
                }
            }
        }
        let changes =
            touched.into_iter().map(|(place, recorded)| unpanicked(recorded, || self.change(place, recorded)));
        Ok(changes.collect::<Result<_, _>>().map_err(|error| Failed { place: 0, error }))
    }

    /// The place of a row, which is a new one where it is not kept.
    fn place(&mut self, key: Key) -> usize {
        match self.places.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                let Key(key) = vacant.key().clone();
                self.kept.push(Kept { key, row: None, length: 0, change: None });
                *vacant.insert(self.kept.len() - 1)
            }
        }
    }

    /// Loads the rows at new places, those from `first` on.
    async fn load(&mut self, store: &dyn ReadModelStore, first: usize) -> Result<(), StoreError> {
        let new = &mut self.kept[first..];
        if new.is_empty() {
            return Ok(());
        }
        let keys: Vec<Value> = new.iter().map(|kept| kept.key.clone()).collect();
        let rows = store.load(P::SCHEMA, &keys).await?;
        for (kept, row) in new.iter_mut().zip(rows) {
            let Some(stored) = row else { continue };
            let failed = |message| StoreError::Failed { message, source: None };
            let row = catch_unwind(|| decode_row(&stored))
                .map_err(|panic| failed(format!("a row could not be read: it panicked: {}", panic_text(&*panic))))?
                .map_err(|error| failed(error.to_string()))?;
            kept.row = Some(row);
            kept.length = stored.body.len();
            self.held += kept.length;
        }
        Ok(())
    }

    /// What has to be written of a row.
    fn change(&mut self, place: usize, recorded: &RecordedEvent) -> Result<RowChange, StoreError> {
        let kept = &mut self.kept[place];
        kept.change = None;
        let Some(row) = &kept.row else {
            self.held -= mem::take(&mut kept.length);
            return Ok(RowChange::Delete(kept.key.clone()));
        };
        let columns = row.columns().map_err(|error| corrupt(recorded, &error))?;
        let body = row.to_row().map_err(|error| corrupt(recorded, &error))?;
        // serde writes `null` for a float that is not finite, which no query could read back.
        if body.windows(4).any(|bytes| bytes == b"null") {
            P::from_row(&body)
                .map_err(|error| corrupt(recorded, &format_args!("its row could not be read back: {error}")))?;
        }
        self.held = self.held - kept.length + body.len();
        kept.length = body.len();
        Ok(RowChange::Put(Row { columns, body }))
    }
}

/// Runs a handler of the user's, or what writes its row. A panic in it is told like an error, and names the event.
fn unpanicked<T>(recorded: &RecordedEvent, handler: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(handler))
        .unwrap_or_else(|panic| Err(corrupt(recorded, &format_args!("its handler panicked: {}", panic_text(&*panic)))))
}

/// The event, and the key of the row that it concerns, if it concerns one.
fn concern<P: Projection>(recorded: &RecordedEvent) -> Result<Option<(P::Event, Key)>, StoreError> {
    let event =
        P::Event::decode_any(&recorded.event_type, &recorded.payload).map_err(|error| corrupt(recorded, &error))?;
    let Some(key) = P::row_key(&event) else { return Ok(None) };
    let key = Key(key.to_value().map_err(|error| corrupt(recorded, &error))?);
    Ok(Some((event, key)))
}

/// What an event makes of its row.
fn project<P: Projection>(
    row: Option<P>,
    event: P::Event,
    recorded: &RecordedEvent,
    key: &Value,
) -> Result<Option<P>, StoreError> {
    let row = P::project(row, event, recorded).map_err(|error| corrupt(recorded, &error))?;
    if let Some(row) = &row {
        let made = row.key().to_value().map_err(|error| corrupt(recorded, &error))?;
        if made != *key {
            return Err(corrupt(
                recorded,
                &format_args!("its handler made the row {made} instead of {key}; does its `#[on]` lack a `key = …`?"),
            ));
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
