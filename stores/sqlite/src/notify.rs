//! Waiting for new events.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use cqrs_core::{Position, StoreError};
use tokio::{sync::watch, time};

use crate::{read, readers::Readers};

/// How far the log is known to reach: raised by the writer after every commit, and by whoever waits, who looks for
/// other processes' commits once an interval.
#[derive(Debug)]
pub(crate) struct Head {
    known: watch::Sender<Position>,
    next_look: Mutex<Instant>,
    interval: Duration,
}

impl Head {
    pub(crate) fn new(head: Position, interval: Duration) -> Self {
        Self { known: watch::Sender::new(head), next_look: Mutex::new(Instant::now()), interval }
    }

    pub(crate) fn raise(&self, head: Position) {
        self.known.send_if_modified(|known| {
            let raised = head > *known;
            *known = head.max(*known);
            raised
        });
    }

    pub(crate) async fn beyond(&self, position: Position, readers: &Arc<Readers>) -> Result<Position, StoreError> {
        let mut known = self.known.subscribe();
        loop {
            let head = *known.borrow_and_update();
            if head > position {
                return Ok(head);
            }
            if self.is_my_turn() {
                self.raise(readers.read(read::head).await?);
                continue;
            }
            if let Ok(Err(_)) = time::timeout(self.interval, known.changed()).await {
                return Err(StoreError::Closed);
            }
        }
    }

    /// Whether it is time to look again, which one of all who wait is told.
    fn is_my_turn(&self) -> bool {
        let mut next = self.next_look.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_due = now >= *next;
        if is_due {
            *next = now + self.interval;
        }
        is_due
    }
}
