use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
pub enum UserEvent {
    Created { user_id: u64, email: String },
    Closed { user_id: u64 },
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = User)]
pub struct CloseUser {
    #[cqrs(id)]
    pub user_id: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("no user {0}")]
pub struct NoUser(u64);

pub struct User;

#[aggregate(event = UserEvent, error = NoUser, not_found = NoUser)]
impl User {
    #[handle]
    fn close(&self, command: CloseUser) -> Result<UserEvent, NoUser> {
        Ok(UserEvent::Closed { user_id: command.user_id })
    }

    #[on(Created)]
    fn created() -> Self {
        Self
    }

    #[on(Closed)]
    fn closed(&mut self) {}
}

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct UserView {
    #[cqrs(key)]
    pub user_id: u64,
}

#[projection(event = UserEvent, ignore(Closed))]
impl UserView {
    #[on(Created)]
    fn created(user_id: u64) -> Self {
        Self { user_id }
    }
}

fn main() {}
