use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique)]
        email: String,
        #[cqrs(unique = "email")]
        second_email: String,
    },
    #[cqrs(name = "user.created")]
    Imported { id: Uuid },
    Renamed { user_id: Uuid, name: String },
    #[cqrs(alias = "user.imported", alias = "user.imported", release(login))]
    Closed { id: Uuid },
}

fn main() {
    let closed = UserEvent::Closed { id: Uuid::nil() };
    assert_eq!(closed.aggregate_id(), &Uuid::nil());
}
