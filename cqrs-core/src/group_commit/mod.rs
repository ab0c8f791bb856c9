//! Group commit: many appends, one durable commit.
//!
//! While one commit is under way, all that arrives forms the next batch, which goes to the store as one call. Idle, an
//! append waits for nobody; under load, the batch grows. (The idea is old: *`DeWitt` et al., Implementation Techniques for
//! Main Memory Database Systems, 1984*.)

mod driver;
mod queue;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::JoinHandle,
};

pub(crate) use self::queue::Answers;
use self::queue::{Queue, Unit};
use crate::store::{Append, AppendError, Appended, EventStore, StoreError};

/// Limits of a [`GroupCommit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupCommitOptions {
    /// How many appends may wait or be under way; more wait their turn before they are taken in. 4096 by default.
    pub max_queued: usize,
    /// How many appends go into one commit at the most. 1024 by default.
    pub max_batch: usize,
    /// How often a batch is given again where the store was unavailable or the outcome unknown. 8 by default, with
    /// pauses that double from 10 milliseconds.
    pub max_repeats: u32,
}

impl Default for GroupCommitOptions {
    fn default() -> Self {
        Self { max_queued: 4096, max_batch: 1024, max_repeats: 8 }
    }
}

/// A store's log behind a queue that gathers appends into batches. Cloning is cheap, and clones share the queue.
///
/// The queue is owned by a mutex, the store's write side by whoever drives: the first to find nobody driving begins, and
/// goes on on a task of its own where the store makes it wait. Callers only wait for their own answer, so dropping one
/// changes nothing for the others: its append happens whole or not at all.
///
/// The engine writes through one, [`Engine::log`](crate::Engine::log). What does not come from an aggregate, such as an
/// import, is written through it too:
///
/// ```
/// # use bank::*;
/// use cqrs::{Append, Expected, MemoryStore, NewEvent, RequestId, StreamId, Version, prelude::*};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).start().await?;
/// let account = StreamId::of("account", &7)?;
/// let append = Append::new(RequestId::random(), Utc::now())
///     .expect(&account, Expected::NoStream)
///     .event(NewEvent::new(&account, "account.opened", r#"{"id":7,"owner":"ann"}"#))
///     .event(NewEvent::new(&account, "account.deposited", r#"{"id":7,"amount":5}"#));
/// engine.log().append(append).await?;
///
/// let deposited = engine.execute(Deposit { id: 7, amount: 1 }).await?;
/// assert_eq!((deposited.result, deposited.version), (6, Version(3)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GroupCommit {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn EventStore>,
    options: GroupCommitOptions,
    /// How many batches the store is given at once.
    at_once: usize,
    queue: Mutex<Queue>,
    room: Arc<Semaphore>,
    runtime: tokio::runtime::Handle,
}

/// Room for one append in the queue; free again when dropped.
#[derive(Debug)]
pub(crate) struct Room {
    _permit: OwnedSemaphorePermit,
}

impl GroupCommit {
    /// A queue in front of `store`. To be called within a tokio runtime, on which commits will go on.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>, options: GroupCommitOptions) -> Self {
        let room = Arc::new(Semaphore::new(options.max_queued.clamp(1, Semaphore::MAX_PERMITS)));
        let runtime = tokio::runtime::Handle::current();
        let at_once = store.batches_at_once().max(1);
        Self { shared: Arc::new(Shared { store, options, at_once, queue: Mutex::default(), room, runtime }) }
    }

    /// The store behind the queue.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.shared.store
    }

    /// Writes an append, in one commit with whatever else is waiting. Waits for room in the queue first.
    ///
    /// Dropping the future is safe: the append then happens whole or not at all, and its request id tells which.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.validate()?;
        let room = self.reserve().await;
        let mut later = None;
        let answers = self.submit(vec![append], || {
            let (answer, answered) = oneshot::channel();
            later = Some(answered);
            move |mut answers: Answers| {
                drop(room);
                // Nobody listens where the caller was dropped; the append is done all the same.
                let _ = answers.pop().map(|first| answer.send(first));
            }
        });
        let answer = match (answers, later) {
            (Some(mut answers), _) => answers.pop(),
            (None, Some(answered)) => answered.await.ok(),
            (None, None) => None,
        };
        answer.unwrap_or_else(|| Err(StoreError::Closed.into()))
    }

    /// How many appends go into one commit at the most.
    pub(crate) fn max_batch(&self) -> usize {
        self.shared.options.max_batch.max(1)
    }

    /// Runs something on the runtime that commits go on on.
    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.shared.runtime.spawn(work)
    }

    /// Waits for room for one append.
    pub(crate) async fn reserve(&self) -> Room {
        let room = &self.shared.room;
        let permit = match Arc::clone(room).try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(_) => Arc::clone(room).acquire_owned().await,
        };
        match permit {
            Ok(permit) => Room { _permit: permit },
            Err(_) => unreachable!("the semaphore is never closed"),
        }
    }

    /// Writes a unit of appends, whose answers belong together.
    ///
    /// Where nobody drives and the store does not make its caller wait, the answers come back at once. Else they go to
    /// the callback that `later` makes, which must not wait, and may submit again.
    pub(crate) fn submit<D>(&self, appends: Vec<Append>, later: impl FnOnce() -> D) -> Option<Answers>
    where
        D: FnOnce(Answers) + Send + 'static,
    {
        let count = appends.len();
        {
            let mut queue = self.shared.lock();
            if !queue.begin(count) {
                queue.push(Unit::new(appends, later()));
                let begins = queue.begin_beside(self.shared.at_once);
                drop(queue);
                if begins {
                    driver::go_on(&self.shared, 0);
                }
                return None;
            }
        }
        match driver::write_now(&self.shared, appends) {
            driver::First::Answered(answers) => {
                driver::go_on(&self.shared, count);
                Some(answers)
            }
            driver::First::UnderWay(writing) => {
                driver::carry_on(&self.shared, writing, Unit::under_way(count, later()));
                None
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        // Only pushes and pops happen under the lock, which leave it whole even where one panics.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for GroupCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").field("options", &self.shared.options).finish_non_exhaustive()
    }
}
