use cqrs::prelude::*;

#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    #[error("{0} is taken")]
    Taken(String),
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "room", id = number)]
pub enum RoomEvent {
    Opened {
        number: u64,
        #[cqrs(unique, taken = RoomError::Taken)]
        name: String,
    },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Room)]
pub struct OpenRoom {
    #[cqrs(id)]
    pub number: u64,
    pub name: String,
}

pub struct Room;

#[aggregate(event = RoomEvent)]
impl Room {
    #[handle]
    fn open(command: &OpenRoom) -> Result<RoomEvent, RoomError> {
        Ok(RoomEvent::Opened { number: command.number, name: command.name.clone() })
    }

    #[on(Opened)]
    fn opened() -> Self {
        Self
    }
}

pub async fn run(engine: Engine) {
    let _ = engine.execute(OpenRoom { number: 1, name: String::new() }).await;
}

fn main() {}
