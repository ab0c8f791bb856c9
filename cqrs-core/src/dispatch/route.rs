//! Routing by type: a composition root whose fields are handlers.

use std::sync::Arc;

use serde_json::Value;

use super::{Execute, ExecuteJson, JsonCommands, JsonQueries, QueryJson, QueryRequest, RouteError, json::only};
use crate::{
    command::{Command, CommandHandler, Receipt},
    context::Context,
    query::{Consistency, Query, QueryHandler},
};

/// A dispatcher with a field that handles a command.
///
/// Written by `#[derive(Dispatcher)]`, once a field. `F` marks the field, inferred: no field that handles the command,
/// or two, is a compile error where the command is executed.
#[diagnostic::on_unimplemented(
    message = "no field of `{Self}` handles the command `{C}`",
    label = "nobody handles this",
    note = "add a field to `{Self}` whose type has a `#[command_handlers]` block with a `#[handle]` for `{C}`; \
            commands of an aggregate are handled by a field of type `Engine`"
)]
pub trait RouteCommand<C: Command, F> {
    /// The field that handles it.
    fn command_handler(&self) -> &impl CommandHandler<C>;
}

/// A dispatcher with a field that answers a query.
///
/// Written by `#[derive(Dispatcher)]`, once a field.
#[diagnostic::on_unimplemented(
    message = "no field of `{Self}` answers the query `{Q}`",
    label = "nobody answers this",
    note = "add a field to `{Self}` whose type has a `#[query_handlers]` block with a `#[handle]` for `{Q}`; \
            queries of a read model are answered by a field of type `Engine`"
)]
pub trait RouteQuery<Q: Query, F> {
    /// The field that answers it.
    fn query_handler(&self) -> &impl QueryHandler<Q>;
}

/// A composition root: commands and queries in, each routed to the field that handles it.
///
/// Derive it with `#[derive(Dispatcher)]`.
///
/// ```
/// # use bank::*;
/// use cqrs::{MemoryStore, prelude::*, serde_json::json};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// #[derive(Dispatcher)]
/// struct Bank {
///     engine: Engine,
///     // … and services, each with a `#[command_handlers]` or a `#[query_handlers]` block
/// }
///
/// let engine = Engine::builder(MemoryStore::new()).aggregate::<Account>().start().await?;
/// let bank = Bank { engine };
/// bank.execute(Open { id: 7, owner: "ann".into() }).await?; // by type
/// let deposit = bank.execute_json("deposit", json!({"id": 7, "amount": 5})).await?; // by name
/// assert_eq!(deposit.result, json!(5));
/// # Ok(())
/// # }
/// ```
pub trait Dispatcher: Send + Sync {
    /// Executes a command.
    ///
    /// The field is inferred. Where two handle the command the compiler cannot, and names them: mark one `#[cqrs(skip)]`.
    fn execute<C: Command<Result = T, Error = E>, TheFieldThatHandlesIt: 'static, T, E>(
        &self,
        command: C,
    ) -> Execute<'_, Self, C, T, E>
    where
        Self: RouteCommand<C, TheFieldThatHandlesIt> + Sized,
    {
        Execute::routed(self, command)
    }

    /// Asks a query.
    ///
    /// The field is inferred. Where two answer the query the compiler cannot, and names them: mark one `#[cqrs(skip)]`.
    fn query<Q: Query<Result = T, Error = E>, TheFieldThatAnswersIt: 'static, T, E>(
        &self,
        query: Q,
    ) -> QueryRequest<'_, Self, Q, T, E>
    where
        Self: RouteQuery<Q, TheFieldThatAnswersIt> + Sized,
    {
        QueryRequest::routed(self, query)
    }

    /// The fields that execute commands by name.
    fn json_commands(&self) -> Vec<&dyn JsonCommands>;

    /// The fields that answer queries by name.
    fn json_queries(&self) -> Vec<&dyn JsonQueries>;

    /// The names of all commands that can be executed by name.
    fn command_names(&self) -> Vec<&'static str> {
        self.json_commands().iter().flat_map(|field| field.command_names()).collect()
    }

    /// The names of all queries that can be asked by name.
    fn query_names(&self) -> Vec<&'static str> {
        self.json_queries().iter().flat_map(|field| field.query_names()).collect()
    }

    /// A context with the clock and the ids of the first field that has its own, an engine: for commands of services.
    fn fresh_context(&self) -> Option<Context> {
        self.json_commands().into_iter().find_map(JsonCommands::fresh_context)
    }

    /// Executes the command called `name`, read from JSON: for HTTP, queues and command lines. A name that several have calls
    /// none of them: [`RouteError::Ambiguous`].
    fn execute_json<'a>(&'a self, name: &'a str, command: Value) -> ExecuteJson<'a> {
        let field = only(self.json_commands(), |field| field.command_names().contains(&name));
        let fresh = field.and_then(JsonCommands::fresh_context).or_else(|| self.fresh_context());
        let handler = field.ok_or_else(|| RouteError::unrouted("command", name, &self.command_names()));
        ExecuteJson::new(handler, name, command, fresh)
    }

    /// Asks the query called `name`, read from JSON. A name that several have asks none of them: [`RouteError::Ambiguous`].
    fn query_json<'a>(&'a self, name: &'a str, query: Value) -> QueryJson<'a> {
        let field = only(self.json_queries(), |field| field.query_names().contains(&name));
        QueryJson::new(field.ok_or_else(|| RouteError::unrouted("query", name, &self.query_names())), name, query)
    }
}

impl<C: Command, H: CommandHandler<C>> CommandHandler<C> for Arc<H> {
    fn fresh_context(&self) -> Option<Context> {
        H::fresh_context(self)
    }

    fn handle(
        &self,
        command: C,
        ctx: Context,
    ) -> impl Future<Output = Result<Receipt<C::Result>, crate::CommandError<C::Error>>> + Send {
        H::handle(self, command, ctx)
    }
}

impl<Q: Query, H: QueryHandler<Q>> QueryHandler<Q> for Arc<H> {
    fn handle(&self, query: Q, freshness: Consistency) -> impl Future<Output = Result<Q::Result, Q::Error>> + Send {
        H::handle(self, query, freshness)
    }
}
