//! Routing by name: commands and queries as JSON, without a table written by hand.

use std::{future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::RouteError;
use crate::{
    command::{Command, CommandError, CommandHandler, Receipt},
    context::Context,
    query::{Consistency, Query, QueryHandler},
};

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type RunCommand<H> = for<'a> fn(&'a H, Value, Context) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>>;
type RunQuery<H> = for<'a> fn(&'a H, Value, Consistency) -> BoxFuture<'a, Result<Value, RouteError>>;

/// How `H` executes one command by name.
pub struct CommandRoute<H> {
    /// The command's name.
    pub name: &'static str,
    /// Reads the command, executes it, writes its result.
    pub run: RunCommand<H>,
}

/// How `H` answers one query by name.
pub struct QueryRoute<H> {
    /// The query's name.
    pub name: &'static str,
    /// Reads the query, asks it, writes its answer.
    pub run: RunQuery<H>,
}

impl<H> std::fmt::Debug for CommandRoute<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CommandRoute").field(&self.name).finish()
    }
}

impl<H> std::fmt::Debug for QueryRoute<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("QueryRoute").field(&self.name).finish()
    }
}

/// The commands that a block of handlers adds to `H`: an aggregate's to the engine, a service's to itself.
pub trait CommandRoutes<H> {
    /// One entry a command.
    fn command_routes() -> Vec<CommandRoute<H>>;
}

/// The queries that a block of handlers adds to `H`: a read model's to the engine, a service's to itself.
pub trait QueryRoutes<H> {
    /// One entry a query.
    fn query_routes() -> Vec<QueryRoute<H>>;
}

/// Who executes commands by name.
pub trait JsonCommands: Send + Sync {
    /// Their names.
    fn command_names(&self) -> Vec<&'static str>;

    /// A context with its own clock and ids, for a command whose caller brings none. An engine has them.
    fn fresh_context(&self) -> Option<Context> {
        None
    }

    /// Executes the command called `name`.
    fn execute_json<'a>(
        &'a self,
        name: &'a str,
        command: Value,
        ctx: Context,
    ) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>>;
}

/// Who answers queries by name.
pub trait JsonQueries: Send + Sync {
    /// Their names.
    fn query_names(&self) -> Vec<&'static str>;

    /// Answers the query called `name`.
    fn query_json<'a>(
        &'a self,
        name: &'a str,
        query: Value,
        freshness: Consistency,
    ) -> BoxFuture<'a, Result<Value, RouteError>>;
}

impl<H: CommandRoutes<H> + Send + Sync> JsonCommands for H {
    fn command_names(&self) -> Vec<&'static str> {
        H::command_routes().iter().map(|route| route.name).collect()
    }

    fn execute_json<'a>(
        &'a self,
        name: &'a str,
        command: Value,
        ctx: Context,
    ) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>> {
        run_command(&H::command_routes(), self, name, command, ctx)
    }
}

impl<T: JsonCommands + ?Sized> JsonCommands for Arc<T> {
    fn command_names(&self) -> Vec<&'static str> {
        T::command_names(self)
    }

    fn fresh_context(&self) -> Option<Context> {
        T::fresh_context(self)
    }

    fn execute_json<'a>(
        &'a self,
        name: &'a str,
        command: Value,
        ctx: Context,
    ) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>> {
        T::execute_json(self, name, command, ctx)
    }
}

impl<H: QueryRoutes<H> + Send + Sync> JsonQueries for H {
    fn query_names(&self) -> Vec<&'static str> {
        H::query_routes().iter().map(|route| route.name).collect()
    }

    fn query_json<'a>(
        &'a self,
        name: &'a str,
        query: Value,
        freshness: Consistency,
    ) -> BoxFuture<'a, Result<Value, RouteError>> {
        run_query(&H::query_routes(), self, name, query, freshness)
    }
}

impl<T: JsonQueries + ?Sized> JsonQueries for Arc<T> {
    fn query_names(&self) -> Vec<&'static str> {
        T::query_names(self)
    }

    fn query_json<'a>(
        &'a self,
        name: &'a str,
        query: Value,
        freshness: Consistency,
    ) -> BoxFuture<'a, Result<Value, RouteError>> {
        T::query_json(self, name, query, freshness)
    }
}

/// The one item that is `wanted`, if there is one, and no other.
pub(super) fn only<T>(items: impl IntoIterator<Item = T>, wanted: impl Fn(&T) -> bool) -> Option<T> {
    let mut items = items.into_iter().filter(|item| wanted(item));
    let first = items.next()?;
    if items.next().is_some() { None } else { Some(first) }
}

pub(crate) fn run_command<'a, H>(
    routes: &[CommandRoute<H>],
    handler: &'a H,
    name: &str,
    command: Value,
    ctx: Context,
) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>> {
    match only(routes, |route| route.name == name) {
        Some(route) => (route.run)(handler, command, ctx),
        None => {
            let known: Vec<_> = routes.iter().map(|route| route.name).collect();
            Box::pin(std::future::ready(Err(RouteError::unrouted("command", name, &known))))
        }
    }
}

pub(crate) fn run_query<'a, H>(
    routes: &[QueryRoute<H>],
    handler: &'a H,
    name: &str,
    query: Value,
    freshness: Consistency,
) -> BoxFuture<'a, Result<Value, RouteError>> {
    match only(routes, |route| route.name == name) {
        Some(route) => (route.run)(handler, query, freshness),
        None => {
            let known: Vec<_> = routes.iter().map(|route| route.name).collect();
            Box::pin(std::future::ready(Err(RouteError::unrouted("query", name, &known))))
        }
    }
}

/// Picks at compile time how a command or query of a known type is called by name: through JSON where serde can read
/// and write it, else with an error that says what is missing. `(&ByName::<H, C>::NEW).command_route()` takes the first
/// of the two traits below whose bounds hold, because method look-up tries the type itself before a reference to it.
#[derive(Debug)]
pub struct ByName<H, C>(PhantomData<fn() -> (H, C)>);

impl<H, C> ByName<H, C> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

/// Commands that serde can read, with results it can write.
pub trait CommandByName<H> {
    /// The entry.
    fn command_route(&self) -> CommandRoute<H>;
}

/// All other commands.
pub trait CommandByTypeOnly<H> {
    /// The entry.
    fn command_route(&self) -> CommandRoute<H>;
}

impl<C, H> CommandByName<H> for ByName<H, C>
where
    C: Command + DeserializeOwned,
    C::Result: Serialize,
    H: CommandHandler<C>,
{
    fn command_route(&self) -> CommandRoute<H> {
        CommandRoute {
            name: C::COMMAND_NAME,
            run: |handler, command, ctx| {
                Box::pin(async move {
                    let command: C = serde_json::from_value(command)
                        .map_err(|error| RouteError::Input { name: C::COMMAND_NAME, cause: error.to_string() })?;
                    let receipt = handler.handle(command, ctx).await.map_err(|error| match error {
                        CommandError::Rejected(error) => {
                            RouteError::Rejected { name: C::COMMAND_NAME, source: Box::new(error) }
                        }
                        other => RouteError::Failed { name: C::COMMAND_NAME, source: Box::new(other) },
                    })?;
                    let result = to_json::<C::Result>(C::COMMAND_NAME, &receipt.result)?;
                    Ok(receipt.map(|_| result))
                })
            },
        }
    }
}

impl<C: Command, H> CommandByTypeOnly<H> for &ByName<H, C> {
    fn command_route(&self) -> CommandRoute<H> {
        CommandRoute {
            name: C::COMMAND_NAME,
            run: |_, _, _| {
                let why = "it needs `#[derive(Deserialize)]`, and its result `Serialize`";
                Box::pin(std::future::ready(Err(RouteError::NotByName { name: C::COMMAND_NAME, why })))
            },
        }
    }
}

/// Queries that serde can read, with answers it can write.
pub trait QueryByName<H> {
    /// The entry.
    fn query_route(&self) -> QueryRoute<H>;
}

/// All other queries.
pub trait QueryByTypeOnly<H> {
    /// The entry.
    fn query_route(&self) -> QueryRoute<H>;
}

impl<Q, H> QueryByName<H> for ByName<H, Q>
where
    Q: Query + DeserializeOwned,
    Q::Result: Serialize,
    Q::Error: std::fmt::Display,
    H: QueryHandler<Q>,
{
    fn query_route(&self) -> QueryRoute<H> {
        QueryRoute {
            name: Q::QUERY_NAME,
            run: |handler, query, freshness| {
                Box::pin(async move {
                    let query: Q = serde_json::from_value(query)
                        .map_err(|error| RouteError::Input { name: Q::QUERY_NAME, cause: error.to_string() })?;
                    let answer = handler
                        .handle(query, freshness)
                        .await
                        .map_err(|error| RouteError::Query { name: Q::QUERY_NAME, message: error.to_string() })?;
                    to_json::<Q::Result>(Q::QUERY_NAME, &answer)
                })
            },
        }
    }
}

impl<Q: Query, H> QueryByTypeOnly<H> for &ByName<H, Q> {
    fn query_route(&self) -> QueryRoute<H> {
        QueryRoute {
            name: Q::QUERY_NAME,
            run: |_, _, _| {
                let why = "it needs `#[derive(Deserialize)]`, its result `Serialize` and its error `Display`";
                Box::pin(std::future::ready(Err(RouteError::NotByName { name: Q::QUERY_NAME, why })))
            },
        }
    }
}

fn to_json<T: Serialize>(name: &'static str, value: &T) -> Result<Value, RouteError> {
    serde_json::to_value(value).map_err(|error| RouteError::Output { name, cause: error.to_string() })
}
