//! A command or a query that is called by name, on its way.

use std::{future::IntoFuture, sync::Arc, time::Duration};

use serde_json::Value;
use uuid::Uuid;

use super::{
    BoxFuture, JsonCommands, JsonQueries, RouteError, ambient_consistency, inherited,
    request::{with_context, with_freshness},
};
use crate::{command::Receipt, context::Context, query::Consistency, store::RequestId};

/// A command called by name, on its way: await it.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*, serde_json::json};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).aggregate::<Account>().start().await?;
/// engine.execute_json("open", json!({"id": 7, "owner": "ann"})).actor("clerk 3").await?;
/// # Ok(())
/// # }
/// ```
///
/// Dropping the future while it waits is safe: the command then happens whole or not at all.
#[must_use = "a command is executed when it is awaited"]
pub struct ExecuteJson<'a> {
    handler: Result<&'a dyn JsonCommands, RouteError>,
    name: &'a str,
    command: Value,
    ctx: Context,
}

impl<'a> ExecuteJson<'a> {
    /// To who knows the name, if anybody does.
    pub(crate) fn new(
        handler: Result<&'a dyn JsonCommands, RouteError>,
        name: &'a str,
        command: Value,
        fresh: Option<Context>,
    ) -> Self {
        Self { handler, name, command, ctx: inherited(fresh) }
    }

    with_context!();
}

impl<'a> IntoFuture for ExecuteJson<'a> {
    type Output = Result<Receipt<Value>, RouteError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        match self.handler {
            Ok(handler) => handler.execute_json(self.name, self.command, self.ctx),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

/// A query called by name, on its way: await it.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*, serde_json::json};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let engine = Engine::builder(MemoryStore::new()).projection::<Balance>().start().await?;
/// let opened = engine.execute(Open { id: 7, owner: "ann".into() }).await?;
///
/// let balance = engine.query_json("get_balance", json!({"id": 7})).after(&opened).await?;
/// assert_eq!(balance["owner"], json!("ann"));
/// # Ok(())
/// # }
/// ```
#[must_use = "a query is asked when it is awaited"]
pub struct QueryJson<'a> {
    handler: Result<&'a dyn JsonQueries, RouteError>,
    name: &'a str,
    query: Value,
    freshness: Consistency,
}

impl<'a> QueryJson<'a> {
    /// To who knows the name, if anybody does.
    pub(crate) fn new(handler: Result<&'a dyn JsonQueries, RouteError>, name: &'a str, query: Value) -> Self {
        Self { handler, name, query, freshness: ambient_consistency() }
    }

    with_freshness!();
}

impl<'a> IntoFuture for QueryJson<'a> {
    type Output = Result<Value, RouteError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        match self.handler {
            Ok(handler) => handler.query_json(self.name, self.query, self.freshness),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

impl std::fmt::Debug for ExecuteJson<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExecuteJson").field("name", &self.name).field("ctx", &self.ctx).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for QueryJson<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, freshness, .. } = self;
        f.debug_struct("QueryJson").field("name", name).field("freshness", freshness).finish_non_exhaustive()
    }
}
