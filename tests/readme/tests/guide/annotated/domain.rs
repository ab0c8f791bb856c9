//! A help desk, annotated.

use cqrs::{RecordedEvent, prelude::*};

use crate::transaction::{PgError, PgTransaction};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "ticket", id = number)]
pub enum TicketEvent {
    Opened {
        number: u32,
        #[cqrs(unique, taken = TicketError::KnownAlready)]
        subject: String,
    },
    #[cqrs(alias = "ticket.given")]
    Assigned { number: u32, agent: String },
    #[cqrs(release(subject))]
    Closed { number: u32, at: DateTime<Utc> },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Ticket, result = u32)]
pub struct OpenTicket {
    #[cqrs(id)]
    pub number: u32,
    pub subject: String,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Ticket)]
pub struct AssignTicket {
    #[cqrs(id)]
    pub number: u32,
    pub agent: String,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Ticket)]
pub struct CloseTicket {
    #[cqrs(id)]
    pub number: u32,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TicketError {
    #[error("there is no ticket {0}")]
    NotFound(u32),
    #[error("there is a ticket {0} already")]
    NumberTaken(u32),
    #[error("{0:?} is known already")]
    KnownAlready(String),
    #[error("nobody works on ticket {0}")]
    Unassigned(u32),
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Ticket {
    agent: Option<String>,
}

#[aggregate(
    event = TicketEvent,
    error = TicketError,
    not_found = TicketError::NotFound,
    already_exists = TicketError::NumberTaken,
    snapshot(every = 2),
)]
impl Ticket {
    #[handle]
    fn open(command: OpenTicket) -> Result<(TicketEvent, u32), TicketError> {
        let OpenTicket { number, subject } = command;
        Ok((TicketEvent::Opened { number, subject }, number))
    }

    #[handle]
    fn assign(&self, command: AssignTicket) -> Result<Option<TicketEvent>, TicketError> {
        let AssignTicket { number, agent } = command;
        let is_new = self.agent.as_ref() != Some(&agent);
        Ok(is_new.then_some(TicketEvent::Assigned { number, agent }))
    }

    #[handle]
    fn close(&self, command: &CloseTicket, ctx: &Context) -> Result<TicketEvent, TicketError> {
        let number = command.number;
        self.agent.as_ref().ok_or(TicketError::Unassigned(number))?;
        Ok(TicketEvent::Closed { number, at: ctx.now() })
    }

    #[on(Opened)]
    fn opened() -> Self {
        Self { agent: None }
    }

    #[on(Assigned)]
    fn assigned(&mut self, agent: String) {
        self.agent = Some(agent);
    }

    #[on(Closed)]
    fn closed(&mut self) {
        self.agent = None;
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
#[cqrs(name = "open_tickets")]
pub struct OpenTickets {
    #[cqrs(key)]
    pub number: u32,
    #[cqrs(index)]
    pub agent: Option<String>,
    pub subject: String,
    pub changed_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = OpenTickets, result = Vec<OpenTickets>)]
pub struct TicketsOf {
    pub agent: String,
}

#[projection(event = TicketEvent)]
impl OpenTickets {
    #[on(Opened)]
    fn opened(number: u32, subject: String, #[recorded] recorded: &RecordedEvent) -> Self {
        Self { number, agent: None, subject, changed_at: recorded.metadata.recorded_at }
    }

    #[on(Assigned)]
    fn assigned(&mut self, agent: &str, #[recorded] recorded: &RecordedEvent) {
        self.agent = Some(agent.to_owned());
        self.changed_at = recorded.metadata.recorded_at;
    }

    #[on(Closed)]
    fn closed(&mut self) -> Change {
        Change::Delete
    }

    #[handle]
    async fn of_agent(tickets: &Views<Self>, query: TicketsOf) -> Result<Vec<Self>, QueryError> {
        tickets.filter(Self::AGENT.eq(Some(query.agent))).order_by(Self::NUMBER).page(1, 10).await
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
pub struct Workload {
    #[cqrs(key)]
    pub agent: String,
    pub tickets: u64,
}

impl Workload {
    fn none(agent: String) -> Self {
        Self { agent, tickets: 0 }
    }
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = Workload, result = Option<Workload>)]
pub struct WorkloadOf {
    pub agent: String,
}

#[projection(event = TicketEvent, ignore(Opened, Closed))]
impl Workload {
    #[on(Assigned, key = agent, or_insert = Self::none)]
    fn assigned(&mut self) {
        self.tickets += 1;
    }

    #[handle]
    async fn of_agent(workloads: &Views<Self>, query: WorkloadOf) -> Result<Option<Self>, QueryError> {
        workloads.get(&query.agent).await
    }
}

pub struct Journal;

#[projection(event = TicketEvent, name = "journal", transaction = PgTransaction, ignore(Assigned))]
impl Journal {
    #[setup]
    async fn table(tx: &mut PgTransaction<'_>) -> Result<(), PgError> {
        tx.execute("CREATE TABLE IF NOT EXISTS journal (line text NOT NULL)", &[]).await?;
        Ok(())
    }

    #[on(Opened)]
    async fn opened(tx: &mut PgTransaction<'_>, subject: &str) -> Result<(), PgError> {
        tx.execute("INSERT INTO journal VALUES ('opened ' || $1)", &[&subject]).await?;
        Ok(())
    }

    #[on(Closed)]
    async fn closed(tx: &mut PgTransaction<'_>, #[recorded] recorded: &RecordedEvent) -> Result<(), PgError> {
        tx.execute("INSERT INTO journal VALUES ('closed ' || $1)", &[&recorded.stream.to_string()]).await?;
        Ok(())
    }
}

#[derive(Debug, Deserialize, Command)]
#[cqrs(result = u32, error = CommandError<TicketError>)]
pub struct TakeCall {
    pub number: u32,
    pub subject: String,
}

pub struct Desk {
    pub engine: Engine,
    pub on_duty: String,
}

#[command_handlers]
impl Desk {
    #[handle]
    async fn take_call(&self, command: TakeCall) -> Result<u32, CommandError<TicketError>> {
        let TakeCall { number, subject } = command;
        let opened = self.engine.execute(OpenTicket { number, subject }).await?;
        self.engine.execute(AssignTicket { number, agent: self.on_duty.clone() }).await?;
        Ok(opened.result)
    }
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct WorkloadOfAll {
    pub agents: Vec<String>,
}

pub struct Reports {
    pub engine: Engine,
}

#[query_handlers]
impl Reports {
    #[handle]
    async fn workload(&self, query: WorkloadOfAll) -> Result<u64, QueryError> {
        let mut tickets = 0;
        for agent in query.agents {
            tickets += self.engine.query(WorkloadOf { agent }).await?.map_or(0, |workload| workload.tickets);
        }
        Ok(tickets)
    }
}

#[derive(Dispatcher)]
pub struct App {
    pub engine: Engine,
    pub desk: Desk,
    pub reports: Reports,
}
