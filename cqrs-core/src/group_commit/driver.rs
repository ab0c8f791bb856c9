//! Who drives: takes batches from the queue, gives them to the store, hands out the answers.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    slice,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{
    Shared,
    queue::{Answers, Unit, never_answered},
};
use crate::store::{Append, Condition, Conflict, StoreError};

const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// A store that never waits would keep the caller who drives busy with the appends of others; after this many batches
/// they move to a task of their own.
const BATCHES_BEFORE_YIELDING: u32 = 8;

/// What became of a first batch, tried on the caller's own task.
pub(super) enum First {
    /// The store answered at once.
    Answered(Answers),
    /// It made its caller wait.
    UnderWay(Writing),
}

/// A batch on its way, that belongs to nobody's task yet.
type Writing = Pin<Box<dyn Future<Output = Answers> + Send>>;

/// Gives a first batch to the store, as far as it goes without waiting: an idle in-memory store so costs no task.
pub(super) fn write_now(shared: &Arc<Shared>, appends: Vec<Append>) -> First {
    let count = appends.len();
    let owned = Arc::clone(shared);
    let mut writing: Writing = Box::pin(async move { write_unit(&owned, &appends).await });
    // Where the store makes its caller wait, timers are those of this runtime, whatever polls.
    let entered = shared.runtime.enter();
    let first = poll_once(&mut writing);
    drop(entered);
    match first {
        Some(Poll::Ready(answers)) => First::Answered(answers),
        Some(Poll::Pending) => First::UnderWay(writing),
        None => First::Answered(never_answered(count)),
    }
}

/// Goes on where the store made its caller wait: on a task of its own, so that a caller who is dropped takes no batch
/// with it.
pub(super) fn carry_on(shared: &Arc<Shared>, writing: Writing, unit: Unit) {
    let driver = Driver::new(shared, Batch { units: 1, appends: unit.count() });
    shared.runtime.spawn(async move {
        unit.answer(writing.await);
        drive(driver, true).await;
    });
}

/// Goes on with what waits, after so many appends were answered: here, as long as the store answers at once, else on a task
/// of its own. For who was let drive.
pub(super) fn go_on(shared: &Arc<Shared>, answered: usize) {
    let mut driver = Driver::new(shared, Batch { units: 1, appends: answered });
    let Some(units) = driver.next_batch() else { return };
    let mut driving: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async move {
        let has_waited = waited(commit(&driver.shared, units)).await;
        drive(driver, has_waited).await;
    });
    let entered = shared.runtime.enter();
    let polled = poll_once(&mut driving);
    drop(entered);
    if let Some(Poll::Pending) = polled {
        shared.runtime.spawn(driving);
    }
}

/// Polls on the caller's task. `None` where it panicked: a panic in the store is not the caller's, who may not even be
/// concerned.
fn poll_once<T>(future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Option<Poll<T>> {
    let poll = || future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    catch_unwind(AssertUnwindSafe(poll)).inspect_err(|_| tracing::error!("the store panicked")).ok()
}

/// Writes what has come, until nothing is left for this driver. Where the store makes its caller wait, and several do,
/// those who were just answered get to send their next before the next batch is closed: else the first of them would have a
/// commit to itself, and all others would wait for it.
async fn drive(mut driver: Driver, mut has_waited: bool) {
    let mut batches = 0;
    loop {
        batches += 1;
        if has_waited && driver.gathers() || batches % BATCHES_BEFORE_YIELDING == 0 {
            tokio::task::yield_now().await;
        }
        let Some(units) = driver.next_batch() else { return };
        has_waited = waited(commit(&driver.shared, units)).await;
    }
}

/// Whether a future had to be polled more than once.
async fn waited(future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        future.as_mut().poll(cx)
    })
    .await;
    polls > 1
}

/// Stands for the right to drive, until there is nothing for it to do. Dropped before, by a panic in the store or the end
/// of the runtime, it leaves the queue to the other drivers; the last leaves it empty and free, and everyone in it answered.
struct Driver {
    shared: Arc<Shared>,
    /// What was given to the store last, whether answered or not.
    batch: Batch,
    drives: bool,
}

/// How many units and appends a batch has.
#[derive(Clone, Copy)]
struct Batch {
    units: usize,
    appends: usize,
}

impl Driver {
    fn new(shared: &Arc<Shared>, batch: Batch) -> Self {
        Self { shared: Arc::clone(shared), batch, drives: true }
    }

    /// The batch was answered: whether its callers are to be let come before the next is closed.
    fn gathers(&mut self) -> bool {
        let Batch { units, appends } = std::mem::replace(&mut self.batch, Batch::NONE);
        let mut queue = self.shared.lock();
        queue.end(appends);
        queue.gather(units, appends, self.shared.at_once)
    }

    /// The batch was answered: takes what goes to the store next. Drives no more where there is nothing.
    fn next_batch(&mut self) -> Option<Vec<Unit>> {
        let mut queue = self.shared.lock();
        queue.end(self.batch.appends);
        let units = queue.next_batch(self.shared.options.max_batch);
        self.batch = units.as_deref().map_or(Batch::NONE, Batch::of);
        self.drives = units.is_some();
        units
    }
}

impl Batch {
    const NONE: Self = Self { units: 0, appends: 0 };

    fn of(units: &[Unit]) -> Self {
        Self { units: units.len(), appends: units.iter().map(|unit| unit.appends.len()).sum() }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.drives {
            let abandoned = {
                let mut queue = self.shared.lock();
                queue.end(self.batch.appends);
                queue.abandon()
            };
            // Whoever is answered may submit again, which takes the lock.
            drop(abandoned);
        }
    }
}

async fn commit(shared: &Shared, mut units: Vec<Unit>) {
    if let [_] = units.as_slice() {
        if let Some(unit) = units.pop() {
            commit_alone(shared, unit).await;
        }
        return;
    }
    let appends = units.iter_mut().flat_map(|unit| std::mem::take(&mut unit.appends)).collect::<Vec<_>>();
    match write(shared, &appends).await {
        Ok(answers) => {
            let mut answers = answers.into_iter();
            for unit in units {
                let own = answers.by_ref().take(unit.count()).collect();
                unit.answer(own);
            }
        }
        Err(error) if concerns_everyone(&error) => {
            for unit in units {
                let answers = all_failed(unit.count(), &error);
                unit.answer(answers);
            }
        }
        // One that the store chokes on must take none with it.
        Err(_) => {
            let mut appends = appends.into_iter();
            for mut unit in units {
                unit.appends.extend(appends.by_ref().take(unit.count()));
                commit_alone(shared, unit).await;
            }
        }
    }
}

async fn commit_alone(shared: &Shared, unit: Unit) {
    let answers = write_unit(shared, &unit.appends).await;
    unit.answer(answers);
}

/// Gives a unit to the store; one append after another where it chokes on them all.
async fn write_unit(shared: &Shared, appends: &[Append]) -> Answers {
    match write(shared, appends).await {
        Ok(answers) => answers,
        Err(error) if appends.len() == 1 || concerns_everyone(&error) => all_failed(appends.len(), &error),
        Err(_) => write_apart(shared, appends).await,
    }
}

async fn write_apart(shared: &Shared, appends: &[Append]) -> Answers {
    let mut answers = Answers::with_capacity(appends.len());
    let mut repeated = Vec::new();
    for (place, append) in appends.iter().enumerate() {
        // In one batch the store would tell that a repetition leaves nothing to build on.
        let unwritten = append.conditions.iter().find_map(|condition| match condition {
            Condition::Written { request } if repeated.contains(request) => {
                Some(Conflict::Unwritten { request: *request })
            }
            _ => None,
        });
        if let Some(conflict) = unwritten {
            answers.push(Err(conflict.into()));
            continue;
        }
        match write(shared, slice::from_ref(append)).await {
            Ok(answer) => {
                if answer.iter().flatten().any(|appended| appended.repeated) {
                    repeated.push(append.request);
                }
                answers.extend(answer);
            }
            Err(error) if concerns_everyone(&error) => {
                answers.extend(all_failed(appends.len() - place, &error));
                break;
            }
            Err(error) => answers.push(Err(error.into())),
        }
    }
    answers
}

/// Whether a batch failed for a reason that lies with the store, not with what it was given.
fn concerns_everyone(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unavailable { .. }
            | StoreError::Unknown { .. }
            | StoreError::Unwritable { .. }
            | StoreError::Closed
    )
}

/// Gives a batch to the store; again where nothing was written or that is unknown, which request ids make safe (S8).
///
/// # Errors
/// Once the outcome was unknown no later failure makes it known.
async fn write(shared: &Shared, appends: &[Append]) -> Result<Answers, StoreError> {
    let mut pause = FIRST_PAUSE;
    let mut repeats = 0;
    let mut unknown = None;
    loop {
        let error = match shared.store.append(appends).await {
            Ok(answers) if answers.len() == appends.len() => return Ok(answers),
            Ok(answers) => {
                let message = format!("{} appends were answered {} times", appends.len(), answers.len());
                StoreError::Failed { message, source: None }
            }
            Err(error) => error,
        };
        if matches!(error, StoreError::Unknown { .. }) {
            unknown = Some(error.clone());
        }
        let may_pass = matches!(error, StoreError::Unavailable { .. } | StoreError::Unknown { .. });
        if !may_pass || repeats >= shared.options.max_repeats {
            return Err(unknown.unwrap_or(error));
        }
        repeats += 1;
        tracing::warn!(%error, repeats, appends = appends.len(), "a batch is given to the store again");
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

fn all_failed(count: usize, error: &StoreError) -> Answers {
    (0..count).map(|_| Err(error.clone().into())).collect()
}
