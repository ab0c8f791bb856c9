//! Routing by name: commands and queries as JSON, without a table written by hand.

use std::{error::Error, future::Future, marker::PhantomData, pin::Pin};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    command::{Command, CommandError, CommandHandler, Receipt},
    context::Context,
    query::{Consistency, Query, QueryHandler},
};

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A command or query that was not carried out by name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// Nothing has this name.
    #[error("there is no {kind} `{name}`{}", .nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
    Unknown {
        /// `command` or `query`.
        kind: &'static str,
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<&'static str>,
    },
    /// It can be executed by type only.
    #[error("`{name}` cannot be called by name: {why}")]
    NotByName {
        /// Its name.
        name: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// The JSON is not what it asks for.
    #[error("the input of `{name}` is not valid: {cause}")]
    Input {
        /// Its name.
        name: &'static str,
        /// What serde says.
        cause: String,
    },
    /// The domain refused it: show it to the user.
    #[error("{source}")]
    Rejected {
        /// Its name.
        name: &'static str,
        /// The domain's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Anything else.
    #[error("{source}")]
    Failed {
        /// Its name.
        name: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A query's own error, as it says it.
    #[error("{message}")]
    Query {
        /// Its name.
        name: &'static str,
        /// What it says.
        message: String,
    },
    /// It was carried out, but its answer cannot be written as JSON.
    #[error("the answer of `{name}` cannot be written as JSON: {cause}")]
    Output {
        /// Its name.
        name: &'static str,
        /// What serde says.
        cause: String,
    },
}

impl RouteError {
    pub(super) fn unknown(kind: &'static str, name: &str, known: &[&'static str]) -> Self {
        let distance = |known: &str| edit_distance(name, known);
        let nearest = known.iter().copied().min_by_key(|known| distance(known)).filter(|known| distance(known) <= 3);
        Self::Unknown { kind, name: name.to_owned(), nearest }
    }
}

fn edit_distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.chars().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

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

pub(crate) fn run_command<'a, H>(
    routes: &[CommandRoute<H>],
    handler: &'a H,
    name: &str,
    command: Value,
    ctx: Context,
) -> BoxFuture<'a, Result<Receipt<Value>, RouteError>> {
    if let Some(route) = routes.iter().find(|route| route.name == name) {
        return (route.run)(handler, command, ctx);
    }
    let known: Vec<_> = routes.iter().map(|route| route.name).collect();
    Box::pin(std::future::ready(Err(RouteError::unknown("command", name, &known))))
}

pub(crate) fn run_query<'a, H>(
    routes: &[QueryRoute<H>],
    handler: &'a H,
    name: &str,
    query: Value,
    freshness: Consistency,
) -> BoxFuture<'a, Result<Value, RouteError>> {
    if let Some(route) = routes.iter().find(|route| route.name == name) {
        return (route.run)(handler, query, freshness);
    }
    let known: Vec<_> = routes.iter().map(|route| route.name).collect();
    Box::pin(std::future::ready(Err(RouteError::unknown("query", name, &known))))
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
