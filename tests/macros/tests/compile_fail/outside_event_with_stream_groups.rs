use cqrs::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[stream(RoomEvent, [Opened, Closed])]
#[cqrs(aggregate = "room", id = number)]
pub enum RoomEvent {
    Opened { number: u64, seats: u32 },
    Booked { number: u64, seats: u32 },
    Closed { number: u64 },
}

#[derive(Debug, thiserror::Error)]
#[error("the room is full")]
pub struct RoomError;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Room)]
pub struct OpenRoom {
    #[cqrs(id)]
    pub number: u64,
    pub seats: u32,
}

pub struct Room {
    seats: u32,
}

#[aggregate(event = RoomEvent, error = RoomError, ignore(Closed))]
impl Room {
    #[handle]
    fn open(command: OpenRoom) -> Result<RoomEvent, RoomError> {
        Ok(RoomEvent::Opened { number: command.number, seats: command.seats })
    }

    #[on(Opened)]
    fn opened(seats: u32) -> Self {
        Self { seats }
    }

    #[on(Booked)]
    fn booked(&mut self, seats: u32) {
        self.seats -= seats;
    }
}

async fn open(engine: &Engine) -> Result<(), CommandError<RoomError>> {
    engine.execute(OpenRoom { number: 7, seats: 30 }).await.map(drop)
}

fn main() {}
