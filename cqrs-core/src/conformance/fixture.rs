//! A store under test, and what runs a case on it.

use std::{any::Any, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::store::{EventStore, ReadModelStore};

type Opening<S> = Pin<Box<dyn Future<Output = Arc<S>> + Send>>;
type Open<S> = Arc<dyn Fn() -> Opening<S> + Send + Sync>;

/// A fresh, empty store, and how to come by another handle on the same data.
pub struct Fixture<S: ?Sized> {
    store: Arc<S>,
    open: Option<Open<S>>,
    durable: bool,
    keeps_snapshots: bool,
    guards: Vec<Box<dyn Any>>,
}

impl<S: Send + Sync + 'static> Fixture<S> {
    /// A store that only one handle leads to.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store: Arc::new(store), open: None, durable: false, keeps_snapshots: true, guards: Vec::new() }
    }

    /// Says how another handle on the same data is opened, as another process would. Races are then run across both.
    #[must_use]
    pub fn opened_again_by<F>(mut self, open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = S> + Send + 'static,
    {
        self.open = Some(Arc::new(move || {
            let opening = open();
            Box::pin(async { Arc::new(opening.await) })
        }));
        self
    }

    /// Says that data outlives its handles (S4). Means nothing without [`opened_again_by`](Self::opened_again_by).
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Says that the store keeps no snapshots, which is allowed.
    #[must_use]
    pub fn without_snapshots(mut self) -> Self {
        self.keeps_snapshots = false;
        self
    }

    /// Keeps something, such as a temporary folder, until the case is over and every handle of the fixture is closed.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any) -> Self {
        self.guards.push(Box::new(guard));
        self
    }

    /// The store as a log.
    #[must_use]
    pub fn events(self) -> Fixture<dyn EventStore>
    where
        S: EventStore,
    {
        self.map(|store| store)
    }

    /// The store as the home of read models.
    #[must_use]
    pub fn read_models(self) -> Fixture<dyn ReadModelStore>
    where
        S: ReadModelStore,
    {
        self.map(|store| store)
    }

    fn map<T: ?Sized + Send + Sync + 'static>(self, convert: fn(Arc<S>) -> Arc<T>) -> Fixture<T> {
        let open = self.open.map(|open| -> Open<T> {
            Arc::new(move || {
                let opening = open();
                Box::pin(async move { convert(opening.await) })
            })
        });
        let Self { durable, keeps_snapshots, guards, .. } = self;
        Fixture { store: convert(self.store), open, durable, keeps_snapshots, guards }
    }
}

impl<S: ?Sized> Fixture<S> {
    /// The store.
    #[must_use]
    pub fn store(&self) -> Arc<S> {
        Arc::clone(&self.store)
    }

    /// Another handle on the same data, where there can be one; the same handle where not.
    pub async fn another(&self) -> Arc<S> {
        match &self.open {
            Some(open) => open().await,
            None => self.store(),
        }
    }

    /// The store and another handle on the same data, in turns.
    pub async fn handles(&self) -> impl Iterator<Item = Arc<S>> + use<S> {
        [self.store(), self.another().await].into_iter().cycle()
    }

    /// Whether the store keeps snapshots.
    #[must_use]
    pub fn keeps_snapshots(&self) -> bool {
        self.keeps_snapshots
    }

    /// Closes the store and opens it again; `None` where it is not durable.
    pub async fn restart(mut self) -> Option<Self> {
        let open = self.open.clone().filter(|_| self.durable)?;
        drop(self.store);
        self.store = open().await;
        Some(self)
    }
}

impl<S: ?Sized> fmt::Debug for Fixture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixture")
            .field("opens_again", &self.open.is_some())
            .field("durable", &self.durable)
            .field("keeps_snapshots", &self.keeps_snapshots)
            .finish_non_exhaustive()
    }
}

/// Runs one case on one store, in a runtime of several threads.
///
/// A case that has not ended after two minutes has failed: most likely something waits for an event that was lost.
pub fn run<S: ?Sized, F: Future<Output = ()>>(
    fixture: impl Future<Output = Fixture<S>>,
    case: impl FnOnce(Fixture<S>) -> F,
) {
    const PATIENCE: Duration = Duration::from_secs(120);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("the machine has threads for a runtime");
    let case = async { case(fixture.await).await };
    let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, case).await });
    if ended.is_err() {
        // Tasks that never yield must not keep the verdict from being heard.
        runtime.shutdown_background();
    }
    assert!(ended.is_ok(), "the case has not ended after {PATIENCE:?}");
}
