use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid },
}

#[derive(Debug, thiserror::Error)]
#[error("no")]
pub struct UserError;

pub struct User;

#[aggregate(event = UserEvent, error = UserError)]
impl User {
    #[on(Created)]
    fn created() -> Self {
        Self
    }
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = User)]
pub struct RenameUser {
    pub user_id: Uuid,
    pub name: String,
}

fn main() {}
