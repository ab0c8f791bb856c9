//! Putting an engine together.

use std::{any::type_name, collections::HashMap, fmt, sync::Arc};

use tokio::task::AbortHandle;

use super::{
    Engine, Inner, Options, Projections,
    lanes::Registry,
    projector::{self, Prepared},
};
use crate::{
    aggregate::Aggregate,
    context::{Clock, IdGenerator, SystemClock, SystemIds},
    dispatch::{BoxFuture, CommandRoute, CommandRoutes, QueryRoute, QueryRoutes},
    event::Event,
    group_commit::{GroupCommit, GroupCommitOptions},
    projection::Projection,
    store::{EventStore, ProjectionSink, ReadModelStore, StoreError},
};

/// An engine that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Two event enums store events under one name, so that one would read the other's.
    #[error("`{name}` is stored by `{first}` and by `{second}`: give one of them another `name = \"…\"`")]
    DuplicateEventName {
        /// The stored name.
        name: &'static str,
        /// An aggregate.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// Two commands, queries or projections are called by one name.
    #[error("two {kind} are called `{name}`: give one of them another `name = \"…\"`")]
    DuplicateName {
        /// `commands`, `queries` or `projections`.
        kind: &'static str,
        /// The name.
        name: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An aggregate with the routes of its commands: all that one bound says is one error where it does not hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "has no block with `#[aggregate]`",
    note = "add `#[aggregate(event = …, error = …)]` to an `impl {Self}` block; what implements `Aggregate` by hand implements \
            `CommandRoutes<Engine>` too, to be called by name"
)]
pub trait RoutedAggregate: Aggregate + CommandRoutes<Engine> {}

#[diagnostic::do_not_recommend]
impl<A: Aggregate + CommandRoutes<Engine>> RoutedAggregate for A {}

/// A projection with the routes of its queries, as [`RoutedAggregate`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    label = "has no block with `#[projection]`",
    note = "add `#[projection(event = …)]` to an `impl {Self}` block; one with `transaction = …` is run with \
            `.run(store.projection::<{Self}>())`"
)]
pub trait RoutedProjection: Projection + QueryRoutes<Engine> {}

#[diagnostic::do_not_recommend]
impl<P: Projection + QueryRoutes<Engine>> RoutedProjection for P {}

type Prepare = Box<
    dyn Fn(Arc<dyn EventStore>, Arc<dyn ReadModelStore>) -> BoxFuture<'static, Result<Prepared, StoreError>>
        + Send
        + Sync,
>;

/// Puts an engine together: a store, the projections to run, the aggregates to be called by name, and what a test fixes.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, context::FixedClock, prelude::*, testkit::start_of_2000};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new())
///     .aggregate::<Account>()
///     .projection::<Balance>()
///     .clock(FixedClock(start_of_2000()))
///     .cached_aggregates(1000)
///     .start()
///     .await?;
/// # drop(engine);
/// # Ok(())
/// # }
/// ```
#[must_use = "an engine runs once it is started"]
pub struct EngineBuilder {
    log: Arc<dyn EventStore>,
    rows: Arc<dyn ReadModelStore>,
    options: Options,
    group_commit: GroupCommitOptions,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    commands: Vec<CommandRoute<Engine>>,
    queries: Vec<QueryRoute<Engine>>,
    stored_names: Vec<(&'static str, &'static str)>,
    projections: Vec<(&'static str, Prepare)>,
}

impl EngineBuilder {
    pub(super) fn new(log: Arc<dyn EventStore>, rows: Arc<dyn ReadModelStore>) -> Self {
        Self {
            log,
            rows,
            options: Options::default(),
            group_commit: GroupCommitOptions::default(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::default()),
            commands: Vec::new(),
            queries: Vec::new(),
            stored_names: Vec::new(),
            projections: Vec::new(),
        }
    }

    /// Lets the commands of an aggregate be called by name. By type they always can.
    pub fn aggregate<A: RoutedAggregate>(mut self) -> Self {
        self.commands.extend(A::command_routes());
        for known in A::Event::TYPES {
            let names = std::iter::once(known.name).chain(known.aliases.iter().copied());
            self.stored_names.extend(names.map(|name| (name, type_name::<A::Event>())));
        }
        self
    }

    /// Runs a projection in the background, and answers the queries of its read model.
    pub fn projection<P: RoutedProjection>(mut self) -> Self {
        self.queries.extend(P::query_routes());
        self.projections.push((P::SCHEMA.name, Box::new(|log, rows| Box::pin(projector::rows::<P>(log, rows)))));
        self
    }

    /// Runs a projection that writes with statements of its own in the background. The store makes the sink of a
    /// [`TransactionProjection`](crate::TransactionProjection), as in `.run(store.projection::<Signups>())`.
    pub fn run(mut self, sink: impl ProjectionSink) -> Self {
        let sink: Arc<dyn ProjectionSink> = Arc::new(sink);
        let prepare: Prepare = {
            let sink = Arc::clone(&sink);
            Box::new(move |log, _| Box::pin(projector::sink(log, Arc::clone(&sink))))
        };
        self.projections.push((sink.name(), prepare));
        self
    }

    /// Keeps read models in a store of their own instead of beside the log.
    pub fn read_models(mut self, store: impl ReadModelStore) -> Self {
        self.rows = Arc::new(store);
        self
    }

    /// Tells the time, instead of the machine's clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes ids, instead of random ones.
    pub fn ids(mut self, ids: impl IdGenerator) -> Self {
        self.ids = Arc::new(ids);
        self
    }

    /// How many live aggregates of each type are kept in memory; 65,536 by default.
    pub fn cached_aggregates(mut self, count: usize) -> Self {
        self.options.cached_aggregates = count;
        self
    }

    /// How often a command is decided where other writers keep coming first; 64 by default.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.options.max_attempts = attempts.max(1);
        self
    }

    /// Limits of the queue in front of the log.
    pub fn group_commit(mut self, options: GroupCommitOptions) -> Self {
        self.group_commit = options;
        self
    }

    /// Prepares the tables and starts the projections.
    pub async fn start(self) -> Result<Engine, StartError> {
        self.check_names()?;
        let mut projections = Projections::default();
        let mut runs = Vec::new();
        for (name, prepare) in &self.projections {
            let Prepared { watched, run } = prepare(Arc::clone(&self.log), Arc::clone(&self.rows)).await?;
            projections.insert(name, watched);
            runs.push(run);
        }
        let running: Vec<AbortHandle> = runs.into_iter().map(|run| tokio::spawn(run).abort_handle()).collect();
        Ok(Engine {
            inner: Arc::new(Inner {
                log: GroupCommit::new(self.log, self.group_commit),
                rows: self.rows,
                registry: Registry::new(self.options.cached_aggregates),
                options: self.options,
                clock: self.clock,
                ids: self.ids,
                commands: self.commands,
                queries: self.queries,
                projections,
                running,
            }),
        })
    }

    fn check_names(&self) -> Result<(), StartError> {
        let mut stored = HashMap::new();
        for (name, by) in &self.stored_names {
            if let Some(first) = stored.insert(name, by).filter(|first| *first != by) {
                return Err(StartError::DuplicateEventName { name, first, second: by });
            }
        }
        unique("commands", self.commands.iter().map(|route| route.name))?;
        unique("queries", self.queries.iter().map(|route| route.name))?;
        unique("projections", self.projections.iter().map(|(name, _)| *name))
    }
}

fn unique(kind: &'static str, names: impl Iterator<Item = &'static str>) -> Result<(), StartError> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(StartError::DuplicateName { kind, name });
        }
    }
    Ok(())
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder").field("options", &self.options).finish_non_exhaustive()
    }
}
