use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "User", id = id, name = "user", key = id)]
pub enum UserEvent {
    #[cqrs(name = "user created", name = "user.created", unique(email))]
    Created {
        #[cqrs(id, id)]
        id: Uuid,
        #[cqrs(unqiue, taken = EmailExists)]
        email: String,
    },
    #[cqrs(alias, release = "email")]
    Closed {
        #[cqrs(skip)]
        id: Uuid,
    },
}

fn main() {
    let closed = UserEvent::Closed { id: Uuid::nil() };
    assert_eq!(closed.aggregate_id(), &Uuid::nil());
}
