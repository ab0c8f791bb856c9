//! What the cases about impl blocks share: the events of users, and a whole aggregate of orders.
#![allow(dead_code)]

use cqrs::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "user", id = id)]
pub enum UserEvent {
    Created { id: Uuid, email: String },
    Renamed { id: Uuid, name: String },
    Closed { id: Uuid, successor: Option<Uuid> },
}

#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("user not found: {0}")]
    NotFound(Uuid),
    #[error("invalid e-mail: {0}")]
    InvalidEmail(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "order", id = number)]
pub enum OrderEvent {
    Placed { number: u64, user: Uuid },
    Paid { number: u64, user: Uuid },
}

#[derive(Debug, thiserror::Error)]
#[error("out of stock")]
pub struct OrderError;

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Order)]
pub struct PlaceOrder {
    #[cqrs(id)]
    pub number: u64,
    pub user: Uuid,
}

pub struct Order;

#[aggregate(event = OrderEvent, error = OrderError)]
impl Order {
    #[handle]
    fn place(command: PlaceOrder) -> Result<OrderEvent, OrderError> {
        Ok(OrderEvent::Placed { number: command.number, user: command.user })
    }

    #[on(Placed)]
    fn placed() -> Self {
        Self
    }

    #[on(Paid)]
    fn paid(&mut self) {}
}
