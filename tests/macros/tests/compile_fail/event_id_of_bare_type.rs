use cqrs::prelude::*;

#[derive(Debug, Serialize, Deserialize)]
pub struct UserId(f64);

#[derive(Debug, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: UserId },
    Closed { id: UserId },
}

#[derive(Debug, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct Create {
    #[cqrs(id)]
    pub id: UserId,
}

pub struct User;

#[aggregate(event = UserEvent, error = std::convert::Infallible)]
impl User {
    #[handle]
    fn create(command: &Create) -> Result<UserEvent, std::convert::Infallible> {
        Ok(UserEvent::Created { id: UserId(command.id.0) })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Closed)]
    fn closed(&mut self) {}
}

async fn run(engine: Engine) {
    let _ = engine.execute(Create { id: UserId(0.0) }).await;
}

fn main() {}
