use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "counter", id = id)]
pub enum CounterEvent {
    Increased { id: u64, by: u32 },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Counter)]
pub enum CounterCommand {
    Increase { id: u64, by: u32 },
    Reset { id: u64 },
}

pub struct Counter;

#[aggregate(event = CounterEvent, error = std::convert::Infallible)]
impl Counter {
    #[handle]
    fn change(command: CounterCommand) -> Result<Vec<CounterEvent>, std::convert::Infallible> {
        match command {
            CounterCommand::Increase { id, by } => Ok(vec![CounterEvent::Increased { id, by }]),
            CounterCommand::Reset { .. } => Ok(Vec::new()),
        }
    }

    #[on(Increased)]
    fn increased() -> Self {
        Self
    }
}

async fn run(engine: Engine) {
    let _ = engine.execute(CounterCommand::Reset { id: 7 }).await;
}

fn main() {}
