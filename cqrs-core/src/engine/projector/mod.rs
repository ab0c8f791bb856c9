//! Running projections: log → rows, in batches, from the checkpoint on.
//!
//! Three things go on at once where much is waiting: the next page of the log is read, this one is folded into rows, and
//! the last one's rows are committed. Folding ahead of a commit is safe because rows are kept until it is done, and
//! everything begins again at the checkpoint where it fails.

mod rows;

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
};

use self::rows::{Failed, Rows};
use crate::{
    event::EventSet as _,
    projection::Projection,
    store::{
        EventFilter, EventPage, EventStore, Position, ProjectionBatch, ReadModelStore, RecordedEvent, RowChange,
        StoreError,
    },
};

/// How many events go into one transaction at the most.
const BATCH: usize = 1000;

/// How much of rows is kept between batches, so that a busy row is not loaded again and again; in bytes, about.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

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
    store: Arc<dyn ReadModelStore>,
    filter: Arc<EventFilter>,
    rows: Rows<P>,
    /// How far the log was folded into `rows`.
    reached: Position,
    /// The last checkpoint that was committed, or is being committed.
    saved: Position,
    ahead: Option<JoinHandle<Result<EventPage, StoreError>>>,
    committing: Option<JoinHandle<Result<(), StoreError>>>,
    status: Arc<watch::Sender<ProjectionStatus>>,
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
    pub(super) async fn prepare(log: Arc<dyn EventStore>, store: Arc<dyn ReadModelStore>) -> Result<Self, StoreError> {
        let reached = store.prepare(P::SCHEMA).await?;
        let status = ProjectionStatus { name: P::SCHEMA.name, position: reached, stopped: None };
        Ok(Self {
            log,
            store,
            filter: Arc::new(EventFilter::types(P::Event::names())),
            rows: Rows::default(),
            reached,
            saved: reached,
            ahead: None,
            committing: None,
            status: Arc::new(watch::Sender::new(status)),
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
                    // A commit that has only begun has mended nothing yet.
                    if self.committing.is_none() {
                        pause = FIRST_PAUSE;
                    }
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

    /// Goes back, or forward, to what the store holds.
    async fn begin_again(&mut self) {
        // Whatever it comes to, the checkpoint tells.
        let _ = self.settle().await;
        self.ahead = None;
        self.rows.clear();
        let mut pause = FIRST_PAUSE;
        let checkpoint = loop {
            match self.store.checkpoint(P::SCHEMA.name).await {
                Ok(checkpoint) => break checkpoint,
                Err(error) => {
                    tracing::warn!(projection = P::SCHEMA.name, %error, "the checkpoint cannot be read");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        };
        (self.reached, self.saved) = (checkpoint, checkpoint);
        publish(&self.status, checkpoint);
    }

    /// Handles what is waiting, or waits.
    async fn step(&mut self) -> Result<(), Halt> {
        let EventPage { events, read_to } = match self.ahead.take() {
            Some(ahead) => joined(ahead.await)?,
            None => self.read(self.reached).await?,
        };
        if read_to < self.reached {
            let message = format!("the log ends at {read_to}, before position {} that was projected", self.reached);
            return Err(Halt::Stop(StoreError::Failed { message, source: None }));
        }
        if read_to == self.reached {
            self.settle().await?;
            self.log.wait_beyond(self.reached).await?;
            return Ok(());
        }
        if events.len() == BATCH {
            self.ahead = Some(tokio::spawn(self.read(read_to)));
        }
        if events.is_empty() {
            self.settle().await?;
            if read_to.0 - self.saved.0 >= SAVED_EVERY {
                self.commit(read_to, Vec::new());
            } else {
                publish(&self.status, read_to);
            }
            self.reached = read_to;
            return Ok(());
        }
        if self.rows.bytes() > KEPT_BYTES {
            self.settle().await?;
            self.rows.clear();
        }
        let folded = self.rows.fold(&*self.store, &events).await?;
        self.settle().await?;
        match folded {
            Ok(changes) => self.commit(read_to, changes),
            Err(failed) => return Err(self.stop_at(&events, failed).await),
        }
        self.reached = read_to;
        Ok(())
    }

    fn read(&self, after: Position) -> impl Future<Output = Result<EventPage, StoreError>> + Send + use<P> {
        let (log, filter) = (Arc::clone(&self.log), Arc::clone(&self.filter));
        async move { log.read(&filter, after, BATCH).await }
    }

    /// Begins to commit; [`settle`](Self::settle) tells how it ended.
    fn commit(&mut self, checkpoint: Position, changes: Vec<RowChange>) {
        let batch = ProjectionBatch { schema: P::SCHEMA, expected: self.saved, checkpoint, changes };
        let (store, status) = (Arc::clone(&self.store), Arc::clone(&self.status));
        self.saved = checkpoint;
        self.committing = Some(tokio::spawn(async move {
            store.commit(batch).await?;
            publish(&status, checkpoint);
            Ok(())
        }));
    }

    /// Waits for the commit that is under way.
    async fn settle(&mut self) -> Result<(), StoreError> {
        match self.committing.take() {
            Some(committing) => joined(committing.await),
            None => Ok(()),
        }
    }

    /// Shows everything before an event that cannot be handled, and says that it is at fault; unless another process has
    /// moved rows and checkpoint on since they were read, for then the event may only have met rows that are newer.
    async fn stop_at(&mut self, events: &[RecordedEvent], failed: Failed) -> Halt {
        let Failed { place, error } = failed;
        self.rows.clear();
        let changes = match self.rows.fold(&*self.store, &events[..place]).await {
            Ok(Ok(changes)) => changes,
            Ok(Err(failed)) => return failed.error.into(),
            Err(unreadable) => return unreadable.into(),
        };
        let before = Position(events[place].position.0 - 1);
        if before > self.saved {
            self.commit(before, changes);
            return match self.settle().await {
                Ok(()) => error.into(),
                Err(error) => error.into(),
            };
        }
        match self.store.checkpoint(P::SCHEMA.name).await {
            Ok(actual) if actual != self.saved => Halt::Overtaken,
            Ok(_) => error.into(),
            Err(unreadable) => unreadable.into(),
        }
    }
}

fn publish(status: &watch::Sender<ProjectionStatus>, position: Position) {
    status.send_modify(|status| status.position = status.position.max(position));
}

/// A task ends without an answer where the runtime does, or where the store panicked.
fn joined<T>(answer: Result<Result<T, StoreError>, JoinError>) -> Result<T, StoreError> {
    answer.unwrap_or_else(|error| {
        Err(StoreError::Failed { message: format!("the store gave no answer: {error}"), source: None })
    })
}
