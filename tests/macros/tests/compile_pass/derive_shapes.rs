//! The shapes of data that the derives take.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

use std::fmt;

use cqrs::{ClaimChange, Event as _, EventClaim, LostClaim, prelude::*};
use serde::de::DeserializeOwned;

/// An id of two parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SeatId {
    /// The hall.
    pub hall: String,
    /// The seat.
    pub number: u32,
}

impl fmt::Display for SeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.hall, self.number)
    }
}

/// Why a seat is not to be had.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum SeatError {
    /// With the value.
    #[error("phone {0} has a seat")]
    PhoneTaken(String),
    /// Without one.
    #[error("the ticket is used")]
    TicketUsed,
    /// By a function.
    #[error("guest of {0} letters")]
    Guest(usize),
}

impl SeatError {
    fn guest(name: String) -> Self {
        Self::Guest(name.len())
    }
}

/// Values that there may be, errors of every kind, variants of every kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "seat", id = id, id_type = SeatId)]
pub enum SeatEvent {
    /// Renamed in the source, and not in the log.
    #[cqrs(name = "seat.reserved", alias = "seat.booked")]
    Taken {
        /// Which.
        id: SeatId,
        /// If there is one.
        #[cqrs(unique, taken = SeatError::PhoneTaken)]
        phone: Option<String>,
        /// Always.
        #[cqrs(unique, taken = SeatError::TicketUsed)]
        ticket: u64,
        /// By a function.
        #[cqrs(unique = "guest", taken = SeatError::guest)]
        r#for: String,
    },
    /// Nothing but the id.
    Freed(#[cqrs(id)] SeatId),
    /// In letters that not everybody has.
    Größe {
        /// Which.
        #[cqrs(id)]
        sitz: SeatId,
        /// How wide.
        breite: f32,
    },
    /// Not here.
    #[cfg(any())]
    Gone,
    /// Here.
    #[cfg(all())]
    Moved {
        /// Which.
        id: SeatId,
        /// Not here.
        #[cfg(any())]
        #[cqrs(unique)]
        to: Nothing,
    },
}

/// A fact about a `T`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "value", id = id)]
#[serde(bound = "")]
pub enum Changed<T: Clone + Serialize + DeserializeOwned, const N: usize> {
    /// The only one.
    To {
        /// Which.
        id: u64,
        /// Its value.
        value: T,
    },
}

/// A command about a `T`.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(result = Option<T>, name = "import")]
pub struct Import<T, const N: usize>
where
    T: Clone,
{
    /// What to take in.
    pub rows: Vec<T>,
}

/// A query about a `T`.
#[derive(Debug, Deserialize, Query)]
#[cqrs(result = Vec<T>)]
pub struct Newest<T> {
    /// What it is not.
    pub except: T,
}

/// A command of an aggregate about a `T`.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Seat, result = T)]
pub struct Resize<T: Into<f32> + Clone> {
    /// Which.
    #[cqrs(id)]
    pub id: SeatId,
    /// How wide.
    pub width: T,
}

/// A seat.
pub struct Seat;

#[aggregate(event = SeatEvent, error = SeatError, ignore(Größe, Freed, Moved))]
impl Seat {
    #[handle]
    fn resize(&self, command: Resize<u8>) -> Result<(SeatEvent, u8), SeatError> {
        Ok((SeatEvent::Größe { sitz: command.id, breite: command.width.into() }, command.width))
    }

    #[on(Taken)]
    fn taken() -> Self {
        Self
    }
}

struct Files;

#[command_handlers]
impl Files {
    #[handle]
    async fn numbers(&self, command: Import<u32, 2>) -> Result<Option<u32>, std::convert::Infallible> {
        Ok(command.rows.last().copied())
    }

    #[handle]
    async fn words(&self, command: Import<String, 1>) -> Result<Option<String>, std::convert::Infallible> {
        Ok(command.rows.last().cloned())
    }
}

#[query_handlers]
impl Files {
    #[handle]
    async fn newest(&self, query: Newest<u8>) -> Result<Vec<u8>, QueryError> {
        Ok(vec![query.except + 1])
    }
}

#[derive(Dispatcher)]
struct App(Files);

fn set(key: &'static str, value: &str) -> EventClaim {
    EventClaim { key, change: ClaimChange::Set(value.to_owned()) }
}

fn main() {
    let id = SeatId { hall: "A".to_owned(), number: 7 };
    let taken = |phone: Option<&str>| SeatEvent::Taken {
        id: id.clone(),
        phone: phone.map(str::to_owned),
        ticket: 5,
        r#for: "ann".to_owned(),
    };
    assert_eq!(taken(None).claims(), [set("seat.ticket", "5"), set("seat.guest", "ann")]);
    let event = taken(Some("+32"));
    assert_eq!(event.claims(), [set("seat.phone", "+32"), set("seat.ticket", "5"), set("seat.guest", "ann")]);
    assert_eq!(event.lost_claim("seat.phone"), Some(SeatError::PhoneTaken("+32".to_owned())));
    assert_eq!(event.lost_claim("seat.ticket"), Some(SeatError::TicketUsed));
    assert_eq!(event.lost_claim("seat.guest"), Some(SeatError::Guest(3)));
    assert_eq!(taken(None).lost_claim("seat.phone"), None);
    assert_eq!(event.aggregate_id().to_string(), "A-7");

    let payload = event.encode().unwrap();
    assert_eq!(SeatEvent::decode("seat.booked", &payload).unwrap(), event);
    let names: Vec<_> = SeatEvent::TYPES.iter().map(|known| (known.name, known.index)).collect();
    assert_eq!(names, [("seat.reserved", 0), ("seat.freed", 1), ("seat.größe", 2), ("seat.moved", 3)]);
    assert_eq!(SeatEvent::Freed(id.clone()).aggregate_id(), &id);
    assert_eq!(SeatEvent::Größe { sitz: id.clone(), breite: 0.5 }.type_index(), 2);
    assert_eq!(SeatEvent::Moved { id: id.clone() }.event_type().variant, "Moved");

    let changed = Changed::<Vec<u8>, 3>::To { id: 7, value: vec![1] };
    assert_eq!(Changed::<Vec<u8>, 3>::decode("value.to", &changed.encode().unwrap()).unwrap(), changed);

    assert_eq!(Import::<u32, 2>::COMMAND_NAME, "import");
    assert_eq!(Newest::<u8>::QUERY_NAME, "newest");
    let _ = |app: &App, engine: &Engine| {
        drop(engine.execute(Resize { id: id.clone(), width: 7_u8 }));
        drop(app.execute(Import::<_, 2> { rows: vec![7_u32] }));
        drop(app.execute(Import::<_, 1> { rows: vec!["seven".to_owned()] }));
        drop(app.query(Newest { except: 7_u8 }));
    };
}
