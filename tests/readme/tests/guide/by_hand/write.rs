//! The write side.

use cqrs::{
    AggregateCommand, ClaimChange, Decide, EventClaim, EventType, Events, LostClaim, Misapplied, Snapshots, Target,
    aggregate::DecisionResult,
    dispatch::{ByName, CommandByName as _, CommandRoute, CommandRoutes},
    payload::Codec,
    prelude::*,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TicketEvent {
    Opened { number: u32, subject: String },
    Assigned { number: u32, agent: String },
    Closed { number: u32, at: DateTime<Utc> },
}

impl Event for TicketEvent {
    type Id = u32;

    const AGGREGATE: &'static str = "ticket";

    const TYPES: &'static [EventType] = &[
        EventType { name: "ticket.opened", aliases: &[], variant: "Opened", index: 0 },
        EventType { name: "ticket.assigned", aliases: &["ticket.given"], variant: "Assigned", index: 1 },
        EventType { name: "ticket.closed", aliases: &[], variant: "Closed", index: 2 },
    ];

    const CODEC: Codec<Self> = Codec::JSON;

    fn aggregate_id(&self) -> &u32 {
        match self {
            Self::Opened { number, .. } | Self::Assigned { number, .. } | Self::Closed { number, .. } => number,
        }
    }

    fn type_index(&self) -> usize {
        match self {
            Self::Opened { .. } => 0,
            Self::Assigned { .. } => 1,
            Self::Closed { .. } => 2,
        }
    }

    fn claims(&self) -> Vec<EventClaim> {
        let change = match self {
            Self::Opened { subject, .. } => ClaimChange::Set(subject.clone()),
            Self::Assigned { .. } => return Vec::new(),
            Self::Closed { .. } => ClaimChange::Release,
        };
        vec![EventClaim { key: "ticket.subject", change }]
    }
}

impl LostClaim<TicketError> for TicketEvent {
    fn lost_claim(&self, key: &str) -> Option<TicketError> {
        match self {
            Self::Opened { subject, .. } if key == "ticket.subject" => Some(TicketError::KnownAlready(subject.clone())),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct OpenTicket {
    pub number: u32,
    pub subject: String,
}

impl Command for OpenTicket {
    type Result = u32;
    type Error = TicketError;

    const COMMAND_NAME: &'static str = "open_ticket";
}

impl AggregateCommand for OpenTicket {
    type Aggregate = Ticket;

    fn aggregate_id(&self) -> &u32 {
        &self.number
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct AssignTicket {
    pub number: u32,
    pub agent: String,
}

impl Command for AssignTicket {
    type Result = ();
    type Error = TicketError;

    const COMMAND_NAME: &'static str = "assign_ticket";
}

impl AggregateCommand for AssignTicket {
    type Aggregate = Ticket;

    fn aggregate_id(&self) -> &u32 {
        &self.number
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct CloseTicket {
    pub number: u32,
}

impl Command for CloseTicket {
    type Result = ();
    type Error = TicketError;

    const COMMAND_NAME: &'static str = "close_ticket";
}

impl AggregateCommand for CloseTicket {
    type Aggregate = Ticket;

    fn aggregate_id(&self) -> &u32 {
        &self.number
    }
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

impl Aggregate for Ticket {
    type Event = TicketEvent;
    type Error = TicketError;

    const SNAPSHOTS: Option<Snapshots<Self>> = Some(Snapshots::new(2, 0));

    fn creates(event: &TicketEvent) -> bool {
        matches!(event, TicketEvent::Opened { .. })
    }

    fn apply(state: &mut Option<Self>, event: TicketEvent) -> Result<(), Misapplied> {
        match (state, event) {
            (Some(_), TicketEvent::Opened { .. }) => return Err(Misapplied::AlreadyAlive("Opened")),
            (state, TicketEvent::Opened { .. }) => *state = Some(Self { agent: None }),
            (Some(ticket), TicketEvent::Assigned { agent, .. }) => ticket.agent = Some(agent),
            (Some(ticket), TicketEvent::Closed { .. }) => ticket.agent = None,
            (None, event) => return Err(Misapplied::NotAlive(event.event_type().variant)),
        }
        Ok(())
    }

    fn not_found(number: &u32) -> Option<TicketError> {
        Some(TicketError::NotFound(*number))
    }

    fn already_exists(number: &u32) -> Option<TicketError> {
        Some(TicketError::NumberTaken(*number))
    }
}

impl Decide<OpenTicket> for Ticket {
    const TARGET: Target = Target::New;

    fn decide(state: Option<&Self>, command: &OpenTicket, _: &Context) -> DecisionResult<Self, OpenTicket> {
        let OpenTicket { number, subject } = command.clone();
        if state.is_some() {
            return Err(CommandError::Rejected(TicketError::NumberTaken(number)));
        }
        Ok((Events::One(TicketEvent::Opened { number, subject }), number))
    }
}

impl Decide<AssignTicket> for Ticket {
    const TARGET: Target = Target::Living;

    fn decide(state: Option<&Self>, command: &AssignTicket, _: &Context) -> DecisionResult<Self, AssignTicket> {
        let AssignTicket { number, agent } = command.clone();
        let ticket = state.ok_or(CommandError::Rejected(TicketError::NotFound(number)))?;
        if ticket.agent.as_ref() == Some(&agent) {
            return Ok((Events::None, ()));
        }
        Ok((Events::One(TicketEvent::Assigned { number, agent }), ()))
    }
}

impl Decide<CloseTicket> for Ticket {
    const TARGET: Target = Target::Living;

    fn decide(state: Option<&Self>, command: &CloseTicket, ctx: &Context) -> DecisionResult<Self, CloseTicket> {
        let number = command.number;
        let ticket = state.ok_or(CommandError::Rejected(TicketError::NotFound(number)))?;
        if ticket.agent.is_none() {
            return Err(CommandError::Rejected(TicketError::Unassigned(number)));
        }
        Ok((Events::One(TicketEvent::Closed { number, at: ctx.now() }), ()))
    }
}

impl CommandRoutes<Engine> for Ticket {
    fn command_routes() -> Vec<CommandRoute<Engine>> {
        vec![
            ByName::<Engine, OpenTicket>::NEW.command_route(),
            ByName::<Engine, AssignTicket>::NEW.command_route(),
            ByName::<Engine, CloseTicket>::NEW.command_route(),
        ]
    }
}
