use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "BankAccount", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
}

fn main() {}
