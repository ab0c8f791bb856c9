//! Queries: questions, and who answers them.

use std::{future::Future, time::Duration};

use crate::{
    read_model::{ColumnError, ReadModel},
    store::{Position, StoreError},
    views::Views,
};

/// A question about read models.
///
/// Derive it with `#[derive(Query)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query",
    label = "not a query",
    note = "add `#[derive(Query)]` and `#[cqrs(model = …, result = …)]` to `{Self}`; a command is executed with \
            `.execute(…)`, and handled in an `#[aggregate]` or `#[command_handlers]` block"
)]
pub trait Query: Send + Sync + 'static {
    /// What its handler answers.
    type Result: Send + 'static;

    /// Why there is no answer. [`QueryError`] if not said otherwise.
    type Error: From<QueryError> + Send + 'static;

    /// The name it is routed by, `get_user_by_id`.
    const QUERY_NAME: &'static str;
}

/// A query that one read model answers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query of a read model",
    label = "names no read model",
    note = "add `#[derive(Query)]` and `#[cqrs(model = …)]` to `{Self}`; a command is executed with `.execute(…)`; a query \
            without a model is answered by a `#[query_handlers]` block, and asked through a dispatcher with a field of that \
            type"
)]
pub trait ViewQuery: Query {
    /// The read model.
    type Model: ReadModel;
}

/// A read model that answers a query.
///
/// Written by `#[handle]` on a method of a `#[projection]` block.
#[diagnostic::on_unimplemented(
    message = "nothing answers the query `{Q}`",
    label = "`{Self}` has no `#[handle]` for `{Q}`",
    note = "add `#[handle] async fn name(views: &Views<Self>, query: {Q}) -> Result<…>` to the `#[projection]` block of `{Self}`"
)]
pub trait Answer<Q: ViewQuery<Model = Self>>: ReadModel {
    /// Answers the query from the views.
    fn answer(views: &Views<Self>, query: Q) -> impl Future<Output = Result<Q::Result, Q::Error>> + Send;
}

/// Who answers a query: the engine for those of read models, a struct with a `#[query_handlers]` block for others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer the query `{Q}`",
    label = "no handler for `{Q}`",
    note = "add `#[handle] async fn name(&self, query: {Q}) -> Result<…>` to a `#[query_handlers]` block of `{Self}`"
)]
pub trait QueryHandler<Q: Query>: Send + Sync {
    /// Answers the query, from views that are as fresh as asked.
    fn handle(&self, query: Q, freshness: Consistency) -> impl Future<Output = Result<Q::Result, Q::Error>> + Send;
}

/// What a view is waited for: a borrowed [`Receipt`](crate::Receipt), a [`Position`], or what converts into one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no place in the log to wait for",
    label = "neither a borrowed receipt nor a `Position`",
    note = "write `.after(&receipt)`, with the receipt of a command, or a `Position`, such as `engine.head().await?`"
)]
pub trait WaitedFor {
    /// The position that the view has to reach.
    fn into_position(self) -> Position;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Position>> WaitedFor for T {
    fn into_position(self) -> Position {
        self.into()
    }
}

/// How fresh an answer must be (R3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consistency {
    /// The position up to which the view must have come.
    pub after: Position,
    /// How long to wait for it.
    pub within: Duration,
}

impl Consistency {
    /// Views that show what the command of this receipt did, or that have come to this [`Position`].
    #[must_use]
    pub fn after(position: impl WaitedFor) -> Self {
        Self { after: position.into_position(), ..Self::default() }
    }
}

impl Default for Consistency {
    /// Whatever is there; five seconds where something is asked for.
    fn default() -> Self {
        Self { after: Position::START, within: Duration::from_secs(5) }
    }
}

/// A query without an answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The view has not come far enough in time: ask again, or allow more time.
    #[error("`{model}` is at position {reached}, {wanted} was asked for, after waiting {waited:?}")]
    TooStale {
        /// The read model, or the projection.
        model: &'static str,
        /// What was asked for.
        wanted: Position,
        /// How far it is.
        reached: Position,
        /// How long was waited.
        waited: Duration,
    },
    /// The projection has stopped at an event it cannot handle: an operator must look.
    #[error("the projection of `{model}` has stopped: {cause}")]
    ProjectionStopped {
        /// The read model.
        model: &'static str,
        /// Why.
        cause: String,
    },
    /// The engine was not told to run the projection.
    #[error("`{model}` is not projected here: add `.projection::<…>()` or `.run(…)` to the engine's builder")]
    NotProjected {
        /// The read model.
        model: &'static str,
    },
    /// A page number or size out of bounds.
    #[error("{0}")]
    Page(#[from] PageError),
    /// A cursor that no page of this query handed out.
    #[error("the cursor belongs to another query, or was changed: {0}")]
    Cursor(String),
    /// A value that does not fit its column.
    #[error(transparent)]
    Column(#[from] ColumnError),
    /// A stored row that cannot be read.
    #[error("a row of `{model}` with key {key} cannot be read: {cause}")]
    Row {
        /// The read model.
        model: &'static str,
        /// The row's key.
        key: String,
        /// What serde says.
        cause: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page number or size out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// Pages are counted from 1.
    #[error("there is no page 0: pages are counted from 1")]
    Zero,
    /// A page of no rows, or of too many.
    #[error("a page of {size} rows was asked for, between 1 and {limit} are allowed")]
    Size {
        /// What was asked for.
        size: u32,
        /// The most allowed.
        limit: u32,
    },
}
