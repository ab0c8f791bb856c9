use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: u64 },
    Renamed { id: , },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = User)]
pub struct RenameUser {
    #[cqrs(id)]
    pub id: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("no user {0}")]
pub struct NoUser(u64);

pub struct User;

#[aggregate(event = UserEvent, error = NoUser, not_found = NoUser)]
impl User {
    #[handle]
    fn rename(&self, command: RenameUser) -> Result<UserEvent, NoUser> {
        Ok(UserEvent::Renamed { id: command.id })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Renamed)]
    fn renamed(&mut self) {}
}

fn main() {}
