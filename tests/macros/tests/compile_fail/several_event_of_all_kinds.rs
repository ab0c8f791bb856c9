use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id, crat = ::cqrs)]
pub enum UserEvent {
    Created {
        id: Uuid,
        #[cqrs(unique = 1)]
        email: String,
        #[serde(skip)]
        note: String,
    },
    Renamed { user: Uuid, name: String },
    #[cqrs(name = "user.created")]
    Imported { id: Uuid },
}

fn main() {
    let imported = UserEvent::Imported { id: Uuid::nil() };
    assert_eq!(imported.aggregate_id(), &Uuid::nil());
}
