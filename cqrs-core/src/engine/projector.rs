//! Running projections: log → rows, in batches, from the checkpoint on.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use super::decision::corrupt;
use crate::{
    event::EventSet as _,
    projection::Projection,
    read_model::{Column as _, ColumnError, Value},
    store::{
        EventFilter, EventPage, EventStore, Position, ProjectionBatch, ReadModelStore, RecordedEvent, Row, RowChange,
        StoreError,
    },
    views::decode_row,
};

/// How many events go into one transaction at the most.
const BATCH: usize = 1000;

/// How many rows are kept between batches, so that a busy row is not loaded again and again.
const KEPT_ROWS: usize = 4096;

/// A checkpoint that only passed events of others is saved this often.
const SAVED_EVERY: u64 = 10_000;

/// How long to wait before a projection begins again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How far a projection has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// The read model's name.
    pub name: &'static str,
    /// The position up to which its rows show the log.
    pub position: Position,
    /// Why it has stopped, if it has.
    pub stopped: Option<String>,
}

/// One projection at work. It owns its checkpoint and its rows: nobody else writes them, and where another process
/// does, the store's compare-and-set tells.
pub(super) struct Projector<P> {
    log: Arc<dyn EventStore>,
    rows: Arc<dyn ReadModelStore>,
    filter: EventFilter,
    /// How far the rows show the log.
    reached: Position,
    /// How far the store knows they do.
    saved: Position,
    kept: HashMap<String, Option<P>>,
    status: watch::Sender<ProjectionStatus>,
}

enum Halt {
    /// Another process has moved rows and checkpoint on: go on from there.
    Overtaken,
    /// Try again from the checkpoint, in a while.
    Retry(StoreError),
    /// An operator must look.
    Stop(StoreError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::CheckpointMoved { .. } => Self::Overtaken,
            StoreError::Unavailable { .. } | StoreError::Unknown { .. } => Self::Retry(error),
            _ => Self::Stop(error),
        }
    }
}

impl<P: Projection> Projector<P> {
    /// Makes the tables where they are missing, and finds the checkpoint.
    pub(super) async fn prepare(log: Arc<dyn EventStore>, rows: Arc<dyn ReadModelStore>) -> Result<Self, StoreError> {
        let reached = rows.prepare(P::SCHEMA).await?;
        let status = ProjectionStatus { name: P::SCHEMA.name, position: reached, stopped: None };
        Ok(Self {
            log,
            rows,
            filter: EventFilter::types(P::Event::names()),
            reached,
            saved: reached,
            kept: HashMap::new(),
            status: watch::Sender::new(status),
        })
    }

    pub(super) fn status(&self) -> watch::Receiver<ProjectionStatus> {
        self.status.subscribe()
    }

    /// Follows the log until an event cannot be handled, or the task is ended.
    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let halt = match self.step().await {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    continue;
                }
                Err(halt) => halt,
            };
            match halt {
                Halt::Overtaken => {}
                Halt::Retry(error) => {
                    tracing::warn!(projection = P::SCHEMA.name, %error, "a projection begins again at its checkpoint");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Halt::Stop(error) => {
                    tracing::error!(projection = P::SCHEMA.name, %error, "a projection has stopped");
                    self.status.send_modify(|status| status.stopped = Some(error.to_string()));
                    return;
                }
            }
            self.begin_again().await;
        }
    }

    /// Goes back, or forward, to what the store holds. Where that cannot be read, the next step fails and tells.
    async fn begin_again(&mut self) {
        self.kept.clear();
        if let Ok(checkpoint) = self.rows.checkpoint(P::SCHEMA.name).await {
            (self.reached, self.saved) = (checkpoint, checkpoint);
            self.status.send_modify(|status| status.position = status.position.max(checkpoint));
        }
    }

    /// Handles what is waiting, or waits.
    async fn step(&mut self) -> Result<(), Halt> {
        let EventPage { events, read_to } = self.log.read(&self.filter, self.reached, BATCH).await?;
        if read_to == self.reached {
            self.log.wait_beyond(self.reached).await?;
            return Ok(());
        }
        if !events.is_empty() {
            match self.fold(&events).await {
                Ok(changes) => self.save(read_to, changes).await?,
                Err(error) => return Err(self.blame(error).await),
            }
        } else if read_to.0 - self.saved.0 >= SAVED_EVERY {
            self.save(read_to, Vec::new()).await?;
        }
        self.reached = read_to;
        self.status.send_modify(|status| status.position = read_to);
        Ok(())
    }

    /// An event that does not fit its row is at fault, unless another process has moved rows and checkpoint on since
    /// they were read.
    async fn blame(&self, error: StoreError) -> Halt {
        match self.rows.checkpoint(P::SCHEMA.name).await {
            Ok(actual) if actual != self.saved => Halt::Overtaken,
            Ok(_) => error.into(),
            Err(unreadable) => unreadable.into(),
        }
    }

    async fn save(&mut self, checkpoint: Position, changes: Vec<RowChange>) -> Result<(), StoreError> {
        let batch = ProjectionBatch { schema: P::SCHEMA, expected: self.saved, checkpoint, changes };
        self.rows.commit(batch).await?;
        self.saved = checkpoint;
        Ok(())
    }

    /// What events make of their rows, in order.
    async fn fold(&mut self, events: &[RecordedEvent]) -> Result<Vec<RowChange>, StoreError> {
        if self.kept.len() > KEPT_ROWS {
            self.kept.clear();
        }
        let mut concerned = Vec::with_capacity(events.len());
        for recorded in events {
            let event = P::Event::decode_any(&recorded.event_type, &recorded.payload)
                .map_err(|error| corrupt(recorded, &error))?;
            if let Some(key) = P::row_key(&event) {
                let key = key.to_value().map_err(|error| unusable(recorded, &error))?;
                concerned.push((recorded, event, key.to_string(), key));
            }
        }
        self.load(concerned.iter().map(|(_, _, name, key)| (name, key))).await?;
        let mut touched = Vec::new();
        let mut seen = HashSet::new();
        for (recorded, event, name, key) in concerned {
            let row = self.kept.get_mut(&name).and_then(Option::take);
            let row = P::project(row, event, recorded).map_err(|error| corrupt(recorded, &error))?;
            if let Some(row) = &row {
                let made = row.key().to_value().map_err(|error| unusable(recorded, &error))?;
                if made != key {
                    return Err(corrupt(recorded, &format_args!("its handler made the row {made} instead of {key}")));
                }
            }
            if seen.insert(name.clone()) {
                touched.push((name.clone(), key, recorded));
            }
            self.kept.insert(name, row);
        }
        touched.into_iter().map(|(name, key, recorded)| self.change(&name, key, recorded)).collect()
    }

    fn change(&self, name: &str, key: Value, recorded: &RecordedEvent) -> Result<RowChange, StoreError> {
        let Some(row) = self.kept.get(name).and_then(Option::as_ref) else { return Ok(RowChange::Delete(key)) };
        let columns = row.columns().map_err(|error| unusable(recorded, &error))?;
        let body = serde_json::to_vec(row).map_err(|error| corrupt(recorded, &error))?;
        Ok(RowChange::Put(Row { columns, body }))
    }

    /// Loads the rows that are not kept.
    async fn load<'a>(&mut self, keys: impl Iterator<Item = (&'a String, &'a Value)>) -> Result<(), StoreError> {
        let mut missing = HashMap::new();
        for (name, key) in keys {
            if !self.kept.contains_key(name) {
                missing.insert(name.clone(), key.clone());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let (names, keys): (Vec<_>, Vec<_>) = missing.into_iter().unzip();
        let rows = self.rows.load(P::SCHEMA, &keys).await?;
        for (name, row) in names.into_iter().zip(rows) {
            let row = row.as_ref().map(decode_row).transpose();
            let row = row.map_err(|error| StoreError::Failed { message: error.to_string(), source: None })?;
            self.kept.insert(name, row);
        }
        Ok(())
    }
}

fn unusable(recorded: &RecordedEvent, error: &ColumnError) -> StoreError {
    corrupt(recorded, error)
}
