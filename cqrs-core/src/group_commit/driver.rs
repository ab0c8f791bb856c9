//! Who drives: takes batches from the queue, gives them to the store, hands out the answers.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{Answers, Shared, Unit};
use crate::store::{Append, StoreError};

const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// A store that never waits would keep the caller who drives busy with the appends of others; after this many batches
/// they move to a task of their own.
const BATCHES_BEFORE_YIELDING: u32 = 8;

/// Drives until the queue is empty: here, as long as the store answers at once, else on a task of its own. An idle
/// in-memory store so costs no task, and a caller who is dropped never takes a batch with it.
pub(super) fn begin(shared: Arc<Shared>) {
    let runtime = shared.runtime.clone();
    let mut driving = Box::pin(drive(shared));
    let first_poll = || driving.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    // A panic in the store is not the caller's, who may not even be concerned: `Driver` answers those who are.
    match catch_unwind(AssertUnwindSafe(first_poll)) {
        Ok(Poll::Pending) => drop(runtime.spawn(driving)),
        Ok(Poll::Ready(())) => {}
        Err(_) => tracing::error!("the store panicked"),
    }
}

async fn drive(shared: Arc<Shared>) {
    let driver = Driver(shared);
    let mut batches = 0;
    while let Some(units) = driver.next_batch() {
        commit(&driver.0, units).await;
        batches += 1;
        if batches % BATCHES_BEFORE_YIELDING == 0 {
            tokio::task::yield_now().await;
        }
    }
    std::mem::forget(driver);
}

/// Stands for the right to drive. Dropped on the way, by a panic in the store or the end of the runtime, it leaves the
/// queue empty and free, and everyone in it answered.
struct Driver(Arc<Shared>);

impl Driver {
    /// Whole units, up to a batch; gives up driving where there are none.
    fn next_batch(&self) -> Option<Vec<Unit>> {
        let mut queue = self.0.lock();
        let mut units = Vec::new();
        let mut appends = 0;
        while let Some(unit) = queue.units.front() {
            appends += unit.appends.len();
            if appends > self.0.options.max_batch && !units.is_empty() {
                break;
            }
            units.extend(queue.units.pop_front());
        }
        if units.is_empty() {
            queue.driving = false;
            return None;
        }
        Some(units)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let abandoned = {
            let mut queue = self.0.lock();
            queue.driving = false;
            std::mem::take(&mut queue.units)
        };
        drop(abandoned);
    }
}

async fn commit(shared: &Shared, mut units: Vec<Unit>) {
    if let [_] = units.as_slice() {
        if let Some(unit) = units.pop() {
            let answers = write(shared, &unit.appends).await.unwrap_or_else(|error| all_failed(&unit.appends, &error));
            unit.answer(answers);
        }
        return;
    }
    let appends: Vec<Append> = units.iter_mut().flat_map(|unit| unit.appends.iter().cloned()).collect();
    match write(shared, &appends).await {
        Ok(answers) => {
            let mut answers = answers.into_iter();
            for unit in units {
                let own = answers.by_ref().take(unit.appends.len()).collect();
                unit.answer(own);
            }
        }
        // One that the store chokes on must take none with it.
        Err(_) => {
            for unit in units {
                let answers =
                    write(shared, &unit.appends).await.unwrap_or_else(|error| all_failed(&unit.appends, &error));
                unit.answer(answers);
            }
        }
    }
}

/// Gives a batch to the store; again where nothing was written or that is unknown, which request ids make safe (S8).
async fn write(shared: &Shared, appends: &[Append]) -> Result<Answers, StoreError> {
    let mut pause = FIRST_PAUSE;
    let mut repeats = 0;
    loop {
        match shared.store.append(appends).await {
            Ok(answers) if answers.len() == appends.len() => return Ok(answers),
            Ok(answers) => {
                let message = format!("{} appends were answered {} times", appends.len(), answers.len());
                return Err(StoreError::Failed { message, source: None });
            }
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Unknown { .. }))
                if repeats < shared.options.max_repeats =>
            {
                repeats += 1;
                tracing::warn!(%error, repeats, appends = appends.len(), "a batch is given to the store again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            Err(error) => return Err(error),
        }
    }
}

fn all_failed(appends: &[Append], error: &StoreError) -> Answers {
    appends.iter().map(|_| Err(error.clone().into())).collect()
}
