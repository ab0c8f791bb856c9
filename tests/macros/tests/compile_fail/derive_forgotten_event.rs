use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[cqrs(aggregate = "seat", id = number)]
pub enum SeatEvent {
    Reserved {
        number: u32,
        #[cqrs(unique, taken = SeatError::Taken)]
        guest: String,
    },
    #[cqrs(release(guest))]
    Left { number: u32 },
}

#[derive(Debug, thiserror::Error)]
pub enum SeatError {
    #[error("{0} has a seat already")]
    Taken(String),
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Seat)]
pub struct Reserve {
    #[cqrs(id)]
    pub number: u32,
    pub guest: String,
}

pub struct Seat;

#[aggregate(event = SeatEvent, error = SeatError)]
impl Seat {
    #[handle]
    fn reserve(command: Reserve) -> Result<SeatEvent, SeatError> {
        let Reserve { number, guest } = command;
        Ok(SeatEvent::Reserved { number, guest })
    }

    #[on(Reserved)]
    fn reserved() -> Self {
        Self
    }

    #[on(Left)]
    fn left(&mut self) {}
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
pub struct Reservation {
    #[cqrs(key)]
    pub number: u32,
}

#[projection(event = SeatEvent, ignore(Left))]
impl Reservation {
    #[on(Reserved)]
    fn reserved(number: u32) -> Self {
        Self { number }
    }
}

async fn run(builder: cqrs::EngineBuilder) {
    let engine = builder.projection::<Reservation>().start().await.unwrap();
    let _ = engine.execute(Reserve { number: 1, guest: String::new() }).await;
}

fn main() {}
