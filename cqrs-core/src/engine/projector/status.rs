//! How far a projection has come, told and waited for.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

use crate::store::Position;

/// How far a projection has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// The name of the read model, or the projection's own.
    pub name: &'static str,
    /// The position up to which its rows show the log.
    pub position: Position,
    /// Whether this process runs it (R6). If not, another does or is about to, and `position` follows what that one has
    /// saved; or the projection has stopped.
    pub running: bool,
    /// Why it has stopped, if it has.
    pub stopped: Option<String>,
}

/// The end that a projection's task holds.
#[derive(Clone)]
pub(super) struct Progress {
    status: Arc<watch::Sender<ProjectionStatus>>,
    asked: Arc<Notify>,
}

/// The end that the engine holds.
pub(in crate::engine) struct Watched {
    status: watch::Receiver<ProjectionStatus>,
    asked: Arc<Notify>,
}

impl Progress {
    pub(super) fn new(name: &'static str, position: Position) -> (Self, Watched) {
        let (status, watched) = watch::channel(ProjectionStatus { name, position, running: false, stopped: None });
        let asked = Arc::new(Notify::new());
        (Self { status: Arc::new(status), asked: Arc::clone(&asked) }, Watched { status: watched, asked })
    }

    pub(super) fn position(&self) -> Position {
        self.status.borrow().position
    }

    pub(super) fn reached(&self, position: Position) {
        self.status.send_modify(|status| status.position = status.position.max(position));
    }

    pub(super) fn running(&self, running: bool) {
        self.status.send_modify(|status| status.running = running);
    }

    pub(super) fn stopped(&self, cause: Option<String>) {
        self.status.send_modify(|status| status.stopped = cause);
    }

    /// Whether a query waits for the projection.
    pub(super) fn is_awaited(&self) -> bool {
        // One is the engine's own.
        self.status.receiver_count() > 1
    }

    /// Waits for so long; less, where a query begins to wait meanwhile, which it says.
    pub(super) async fn asked_within(&self, limit: Duration) -> bool {
        timeout(limit, self.asked.notified()).await.is_ok()
    }
}

/// Why a projection has stopped whose task was ended by a panic, or with its runtime.
pub(in crate::engine) const ENDED: &str = "its task has ended";

impl Watched {
    pub(in crate::engine) fn now(&self) -> ProjectionStatus {
        let status = self.status.borrow().clone();
        // The task cannot tell its own end.
        let has_ended = self.status.has_changed().is_err();
        match status.stopped {
            None if has_ended => ProjectionStatus { running: false, stopped: Some(ENDED.into()), ..status },
            _ => status,
        }
    }

    pub(in crate::engine) fn position(&self) -> Position {
        self.status.borrow().position
    }

    /// Begins to wait.
    pub(in crate::engine) fn watch(&self) -> watch::Receiver<ProjectionStatus> {
        let watching = self.status.clone();
        self.asked.notify_one();
        watching
    }
}
