//! What a page of the log is made into, and how that is written: rows that are folded here, or statements of the
//! projection's own.

use std::{future::Future, sync::Arc};

use super::rows::{Failed, Rows};
use crate::{
    projection::Projection,
    store::{
        EventPage, Position, ProjectionBatch, ProjectionSink, ReadModelStore, RecordedEvent, RowChange, StoreError,
    },
};

/// How much of rows is kept between batches, so that a busy row is not loaded again and again; in bytes, about.
const KEPT_BYTES: usize = 16 * 1024 * 1024;

pub(super) trait Writer: Send + 'static {
    /// What a page comes to. The default is that of a page without events.
    type Work: Default + Send + 'static;

    /// Makes a page ready to be written; may be called while the one before it is being written.
    ///
    /// # Errors
    /// Where it could not be tried.
    fn fold(&mut self, page: EventPage) -> impl Future<Output = Result<Folded<Self::Work>, StoreError>> + Send;

    /// Writes what a page came to, and moves the checkpoint from `expected`; says how far that went, whatever else.
    fn write(
        &self,
        expected: Position,
        checkpoint: Position,
        work: Self::Work,
    ) -> impl Future<Output = Written> + Send + use<Self>;

    /// Whether so much is kept between pages that it is time to [`forget`](Self::forget).
    fn is_full(&self) -> bool {
        false
    }

    /// Forgets what was folded. Not to be called while it is being written.
    fn forget(&mut self) {}
}

pub(super) type Written = (Position, Result<(), StoreError>);

pub(super) enum Folded<W> {
    Ready(W),
    /// An event cannot be handled; these come before it.
    Failed {
        before: EventPage,
        error: StoreError,
    },
}

/// A page up to an event that cannot be handled.
fn before(mut page: EventPage, place: usize) -> EventPage {
    page.read_to = Position(page.events[place].position.0 - 1);
    page.events.truncate(place);
    page
}

/// Folds events into rows of a read model.
pub(super) struct RowWriter<P> {
    store: Arc<dyn ReadModelStore>,
    rows: Rows<P>,
}

impl<P: Projection> RowWriter<P> {
    pub(super) fn new(store: Arc<dyn ReadModelStore>) -> Self {
        Self { store, rows: Rows::default() }
    }
}

impl<P: Projection> Writer for RowWriter<P> {
    type Work = Vec<RowChange>;

    async fn fold(&mut self, page: EventPage) -> Result<Folded<Self::Work>, StoreError> {
        Ok(match self.rows.fold(&*self.store, &page.events).await? {
            Ok(changes) => Folded::Ready(changes),
            Err(Failed { place, error }) => Folded::Failed { before: before(page, place), error },
        })
    }

    fn write(
        &self,
        expected: Position,
        checkpoint: Position,
        changes: Vec<RowChange>,
    ) -> impl Future<Output = Written> + Send + use<P> {
        let store = Arc::clone(&self.store);
        async move {
            match store.commit(ProjectionBatch { schema: P::SCHEMA, expected, checkpoint, changes }).await {
                Ok(()) => (checkpoint, Ok(())),
                Err(error) => (expected, Err(error)),
            }
        }
    }

    fn is_full(&self) -> bool {
        self.rows.bytes() > KEPT_BYTES
    }

    fn forget(&mut self) {
        self.rows.clear();
    }
}

/// Hands events to statements of the projection's own.
pub(super) struct SinkWriter(pub(super) Arc<dyn ProjectionSink>);

impl Writer for SinkWriter {
    type Work = Vec<RecordedEvent>;

    async fn fold(&mut self, page: EventPage) -> Result<Folded<Self::Work>, StoreError> {
        Ok(Folded::Ready(page.events))
    }

    fn write(
        &self,
        expected: Position,
        checkpoint: Position,
        events: Vec<RecordedEvent>,
    ) -> impl Future<Output = Written> + Send + use<> {
        let sink = Arc::clone(&self.0);
        async move {
            let page = EventPage { events, read_to: checkpoint };
            let error = match sink.handle(expected, &page).await {
                Ok(()) => return (checkpoint, Ok(())),
                Err(error) => error,
            };
            // What comes before an event that cannot be handled is shown all the same.
            let at_fault = |event: &RecordedEvent| matches!(&error, StoreError::Corrupt(corrupt) if corrupt.position == event.position);
            let Some(place) = page.events.iter().position(at_fault) else { return (expected, Err(error)) };
            let page = before(page, place);
            if page.read_to <= expected {
                return (expected, Err(error));
            }
            match sink.handle(expected, &page).await {
                Ok(()) => (page.read_to, Err(error)),
                Err(error) => (expected, Err(error)),
            }
        }
    }
}
