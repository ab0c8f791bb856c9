use cqrs::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("taken: {0}")]
pub struct SeatError(String);

#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    #[error("used: {0}")]
    Used(String),
}

impl SeatError {
    fn taken(guest: String) -> Self {
        Self(guest)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "seat", id = number)]
pub enum SeatEvent {
    Reserved {
        number: u32,
        #[cqrs(unique, taken = SeatError::taken)]
        guest: String,
        #[cqrs(unique, taken = TicketError::Used)]
        ticket: String,
    },
}

fn main() {}
