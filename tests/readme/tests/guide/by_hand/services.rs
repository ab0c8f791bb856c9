//! Handlers with services, and the way to them.

use cqrs::{
    Consistency,
    dispatch::{
        ByName, CommandByName as _, CommandRoute, CommandRoutes, JsonCommands, JsonQueries, QueryByName as _,
        QueryRoute, QueryRoutes, RouteCommand, RouteQuery, serve, serve_query,
    },
    prelude::*,
};

use super::{
    read::WorkloadOf,
    write::{AssignTicket, OpenTicket, TicketError},
};

#[derive(Debug, Deserialize)]
pub struct TakeCall {
    pub number: u32,
    pub subject: String,
}

impl Command for TakeCall {
    type Result = u32;
    type Error = CommandError<TicketError>;

    const COMMAND_NAME: &'static str = "take_call";
}

pub struct Desk {
    pub engine: Engine,
    pub on_duty: String,
}

impl CommandHandler<TakeCall> for Desk {
    async fn handle(
        &self,
        command: TakeCall,
        ctx: Context,
    ) -> Result<Receipt<u32>, CommandError<CommandError<TicketError>>> {
        let (output, receipt) = serve(ctx, async {
            let TakeCall { number, subject } = command;
            let opened = self.engine.execute(OpenTicket { number, subject }).await?;
            self.engine.execute(AssignTicket { number, agent: self.on_duty.clone() }).await?;
            Ok(opened.result)
        })
        .await;
        output.map(|result| receipt.map(|()| result)).map_err(CommandError::Rejected)
    }
}

impl CommandRoutes<Self> for Desk {
    fn command_routes() -> Vec<CommandRoute<Self>> {
        vec![ByName::<Self, TakeCall>::NEW.command_route()]
    }
}

#[derive(Debug, Deserialize)]
pub struct WorkloadOfAll {
    pub agents: Vec<String>,
}

impl Query for WorkloadOfAll {
    type Result = u64;
    type Error = QueryError;

    const QUERY_NAME: &'static str = "workload_of_all";
}

pub struct Reports {
    pub engine: Engine,
}

impl QueryHandler<WorkloadOfAll> for Reports {
    async fn handle(&self, query: WorkloadOfAll, freshness: Consistency) -> Result<u64, QueryError> {
        let answer = async {
            let mut tickets = 0;
            for agent in query.agents {
                tickets += self.engine.query(WorkloadOf { agent }).await?.map_or(0, |workload| workload.tickets);
            }
            Ok(tickets)
        };
        serve_query(freshness, answer).await
    }
}

impl QueryRoutes<Self> for Reports {
    fn query_routes() -> Vec<QueryRoute<Self>> {
        vec![ByName::<Self, WorkloadOfAll>::NEW.query_route()]
    }
}

pub struct App {
    pub engine: Engine,
    pub desk: Desk,
    pub reports: Reports,
}

/// Tell the ways apart; the compiler infers the one that fits.
pub struct ToEngine;
pub struct ToDesk;
pub struct ToReports;

impl<C: Command> RouteCommand<C, ToEngine> for App
where
    Engine: CommandHandler<C>,
{
    fn command_handler(&self) -> &impl CommandHandler<C> {
        &self.engine
    }
}

impl<C: Command> RouteCommand<C, ToDesk> for App
where
    Desk: CommandHandler<C>,
{
    fn command_handler(&self) -> &impl CommandHandler<C> {
        &self.desk
    }
}

impl<Q: Query> RouteQuery<Q, ToEngine> for App
where
    Engine: QueryHandler<Q>,
{
    fn query_handler(&self) -> &impl QueryHandler<Q> {
        &self.engine
    }
}

impl<Q: Query> RouteQuery<Q, ToReports> for App
where
    Reports: QueryHandler<Q>,
{
    fn query_handler(&self) -> &impl QueryHandler<Q> {
        &self.reports
    }
}

impl Dispatcher for App {
    fn json_commands(&self) -> Vec<&dyn JsonCommands> {
        vec![&self.engine, &self.desk]
    }

    fn json_queries(&self) -> Vec<&dyn JsonQueries> {
        vec![&self.engine, &self.reports]
    }
}
