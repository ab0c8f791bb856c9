//! Dispatching: from a command or a query to who handles it, by type or by name.

mod ambient;
mod by_name;
mod error;
mod json;
mod request;
mod route;

pub(crate) use ambient::{ambient_consistency, inherited, note_position};
pub use ambient::{serve, serve_query};
pub use by_name::{ExecuteJson, QueryJson};
pub use error::RouteError;
pub use json::{
    BoxFuture, ByName, CommandByName, CommandByTypeOnly, CommandRoute, CommandRoutes, JsonCommands, JsonQueries,
    QueryByName, QueryByTypeOnly, QueryRoute, QueryRoutes,
};
pub(crate) use json::{run_command, run_query};
pub(crate) use request::with_freshness;
pub use request::{Execute, QueryRequest};
pub use route::{Dispatcher, RouteCommand, RouteQuery};
