//! Running projections: log → rows, in batches, from the checkpoint on.
//!
//! Three things go on at once where much is waiting: the next page of the log is read, this one is folded into rows, and
//! the last one's rows are committed. Folding ahead of a commit is safe because rows are kept until it is done, and
//! everything begins again at the checkpoint where it fails.

mod place;
mod rows;
mod status;
mod task;
mod turn;
mod writer;

use std::{future::Future, mem, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};

pub use self::status::ProjectionStatus;
pub(super) use self::status::{ENDED, Watched};
use self::{
    place::Place,
    status::Progress,
    task::Task,
    turn::{Follower, first_of},
    writer::{Folded, RowWriter, SinkWriter, Writer, Written},
};
use crate::{
    dispatch::BoxFuture,
    event::EventSet as _,
    projection::Projection,
    store::{EventFilter, EventPage, EventStore, Lease, Position, ProjectionSink, ReadModelStore, StoreError},
};

/// How many events go into one transaction at the most.
const BATCH: usize = 1000;

/// A checkpoint that only passed events of others is saved this often.
const SAVED_EVERY: u64 = 10_000;

/// And this long after it was last saved, where other processes follow it.
const SAVED_WITHIN: Duration = Duration::from_millis(50);

/// A projection that is ready to run.
pub(super) struct Prepared {
    pub(super) watched: Watched,
    pub(super) run: BoxFuture<'static, ()>,
}

/// Makes the table of a read model where it is missing, and finds the checkpoint.
pub(super) async fn rows<P: Projection>(
    log: Arc<dyn EventStore>,
    store: Arc<dyn ReadModelStore>,
) -> Result<Prepared, StoreError> {
    let filter = EventFilter::types(P::Event::names());
    prepare(log, Place::Table(Arc::clone(&store), P::SCHEMA), filter, RowWriter::<P>::new(store)).await
}

/// Has a projection with statements of its own make its tables, and finds the checkpoint.
pub(super) async fn sink(log: Arc<dyn EventStore>, sink: Arc<dyn ProjectionSink>) -> Result<Prepared, StoreError> {
    let filter = sink.filter();
    prepare(log, Place::Sink(Arc::clone(&sink)), filter, SinkWriter(sink)).await
}

async fn prepare(
    log: Arc<dyn EventStore>,
    place: Place,
    filter: EventFilter,
    writer: impl Writer,
) -> Result<Prepared, StoreError> {
    let reached = place.prepare().await?;
    let (progress, watched) = Progress::new(place.name(), reached);
    let projector = Projector {
        log,
        place,
        filter: Arc::new(filter),
        writer,
        reached,
        saved: reached,
        save_at: Instant::now(),
        ahead: None,
        committing: None,
        progress,
    };
    Ok(Prepared { watched, run: Box::pin(projector.run()) })
}

/// One projection at work. While it has the lease it owns checkpoint and rows: nobody else writes them, and where another
/// process does all the same, the store's compare-and-set tells.
struct Projector<W: Writer> {
    log: Arc<dyn EventStore>,
    place: Place,
    filter: Arc<EventFilter>,
    writer: W,
    /// How far the log was folded.
    reached: Position,
    /// The last checkpoint that was committed, or is being committed.
    saved: Position,
    /// When a checkpoint that others follow is saved, if it moves.
    save_at: Instant,
    ahead: Option<Task<Result<EventPage, StoreError>>>,
    committing: Option<Task<Written>>,
    progress: Progress,
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

impl<W: Writer> Projector<W> {
    /// Runs whenever it is this process's turn, until the task is ended; or until an event cannot be handled and no
    /// other process may try.
    async fn run(mut self) {
        loop {
            let mut lease = self.follower().turn().await;
            let stopped = match self.begin_again(&mut lease).await {
                Ok(()) => {
                    self.progress.running(true);
                    self.lead(&mut lease).await
                }
                Err(error) => Err(error),
            };
            // What is under way is shown, before others go on or hear that it has stopped.
            let _ = self.settle().await;
            if let Err(error) = &stopped {
                tracing::error!(projection = self.place.name(), %error, "a projection has stopped");
                self.progress.stopped(Some(error.to_string()));
            }
            self.progress.running(false);
            let shared = lease.is_shared();
            drop(lease);
            match stopped {
                Ok(()) => tracing::info!(projection = self.place.name(), "another process may run the projection"),
                Err(_) if shared => {
                    // Its program may be a newer one, which handles the event.
                    self.follower().overtaken(self.progress.position()).await;
                    self.progress.stopped(None);
                }
                Err(_) => return,
            }
        }
    }

    fn follower(&self) -> Follower<'_> {
        Follower { log: &*self.log, place: &self.place, progress: &self.progress }
    }

    /// Follows the log until the lease is lost. Whoever gets it writes at least once, so that leases that are lost soon do
    /// not keep everybody from going on.
    ///
    /// # Errors
    /// The reason to stop.
    async fn lead(&mut self, lease: &mut Lease) -> Result<(), StoreError> {
        let mut backoff = Backoff::default();
        loop {
            match self.step(lease).await {
                // A commit that has only begun has mended nothing yet.
                Ok(()) if self.committing.is_some() => {}
                Ok(()) => backoff = Backoff::default(),
                Err(Halt::Overtaken) => self.begin_again(lease).await?,
                Err(Halt::Retry(error)) => {
                    tracing::warn!(projection = self.place.name(), %error, "a projection begins again at its checkpoint");
                    first_of(backoff.pause(), lease.lost()).await;
                    self.begin_again(lease).await?;
                }
                Err(Halt::Stop(error)) => return Err(error),
            }
            if lease.is_lost() {
                return Ok(());
            }
        }
    }

    /// Goes back, or forward, to what the store holds; unless the lease is lost first.
    ///
    /// # Errors
    /// The reason to stop.
    async fn begin_again(&mut self, lease: &mut Lease) -> Result<(), StoreError> {
        // Whatever it comes to, the checkpoint tells.
        let _ = self.settle().await;
        self.ahead = None;
        self.writer.forget();
        let mut backoff = Backoff::default();
        let checkpoint = loop {
            match self.place.checkpoint().await {
                Ok(checkpoint) => break checkpoint,
                Err(error) => {
                    if let Halt::Stop(error) = error.clone().into() {
                        return Err(error);
                    }
                    tracing::warn!(projection = self.place.name(), %error, "the checkpoint cannot be read");
                    first_of(backoff.pause(), lease.lost()).await;
                    if lease.is_lost() {
                        return Ok(());
                    }
                }
            }
        };
        (self.reached, self.saved) = (checkpoint, checkpoint);
        self.progress.reached(checkpoint);
        Ok(())
    }

    /// Handles what is waiting, or waits.
    async fn step(&mut self, lease: &mut Lease) -> Result<(), Halt> {
        let page = match self.ahead.take() {
            Some(ahead) => ahead.ended().await??,
            None => self.read(self.reached).await?,
        };
        let read_to = page.read_to;
        if read_to < self.reached {
            let message = format!("the log ends at {read_to}, before position {} that was projected", self.reached);
            return Err(Halt::Stop(StoreError::Failed { message, source: None }));
        }
        if read_to == self.reached {
            self.settle().await?;
            return self.wait(lease).await;
        }
        if page.events.len() == BATCH {
            self.ahead = Some(Task::spawn(self.read(read_to)));
        }
        if page.events.is_empty() {
            self.settle().await?;
            let followed = lease.is_shared() && self.save_at <= Instant::now();
            if followed || read_to.0 - self.saved.0 >= SAVED_EVERY {
                self.commit(read_to, W::Work::default());
            } else {
                self.progress.reached(read_to);
            }
            self.reached = read_to;
            return Ok(());
        }
        if self.writer.is_full() {
            self.settle().await?;
            self.writer.forget();
        }
        let folded = self.writer.fold(page).await?;
        self.settle().await?;
        match folded {
            Folded::Ready(work) => self.commit(read_to, work),
            Folded::Failed { before, error } => return Err(self.stop_at(before, error).await),
        }
        self.reached = read_to;
        Ok(())
    }

    /// Waits for events, or until the lease is lost; or until it is time to save a checkpoint that others follow.
    async fn wait(&mut self, lease: &mut Lease) -> Result<(), Halt> {
        let behind = lease.is_shared() && self.saved < self.reached;
        let events = async { self.log.wait_beyond(self.reached).await.map(drop) };
        let lost = async {
            lease.lost().await;
            Ok(())
        };
        let waited = first_of(events, lost);
        if !behind {
            return Ok(waited.await?);
        }
        match timeout_at(self.save_at, waited).await {
            Ok(waited) => Ok(waited?),
            Err(_) => {
                self.commit(self.reached, W::Work::default());
                Ok(())
            }
        }
    }

    fn read(&self, after: Position) -> impl Future<Output = Result<EventPage, StoreError>> + Send + use<W> {
        let (log, filter) = (Arc::clone(&self.log), Arc::clone(&self.filter));
        async move { log.read(&filter, after, BATCH).await }
    }

    /// Begins to commit; [`settle`](Self::settle) tells how it ended.
    fn commit(&mut self, checkpoint: Position, work: W::Work) {
        let expected = mem::replace(&mut self.saved, checkpoint);
        self.save_at = Instant::now() + SAVED_WITHIN;
        let writing = self.writer.write(expected, checkpoint, work);
        let progress = self.progress.clone();
        self.committing = Some(Task::spawn(async move {
            let (reached, written) = writing.await;
            progress.reached(reached);
            (reached, written)
        }));
    }

    /// Waits for the commit that is under way.
    async fn settle(&mut self) -> Result<(), StoreError> {
        match self.committing.take() {
            Some(committing) => committing.ended().await?.1,
            None => Ok(()),
        }
    }

    /// Shows everything before an event that cannot be handled, and says that it is at fault; unless another process has
    /// moved rows and checkpoint on since they were read, for then the event may only have met rows that are newer.
    async fn stop_at(&mut self, before: EventPage, error: StoreError) -> Halt {
        self.writer.forget();
        let read_to = before.read_to;
        let work = match self.writer.fold(before).await {
            Ok(Folded::Ready(work)) => work,
            Ok(Folded::Failed { error, .. }) | Err(error) => return error.into(),
        };
        if read_to > self.saved {
            self.commit(read_to, work);
            return match self.settle().await {
                Ok(()) => error.into(),
                Err(error) => error.into(),
            };
        }
        match self.place.checkpoint().await {
            Ok(actual) if actual != self.saved => Halt::Overtaken,
            Ok(_) => error.into(),
            Err(unreadable) => unreadable.into(),
        }
    }
}

/// How long to wait before trying again; longer every time.
struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(Duration::from_millis(10))
    }
}

impl Backoff {
    const LONGEST: Duration = Duration::from_secs(5);

    async fn pause(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Self::LONGEST);
    }
}
