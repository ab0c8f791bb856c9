use cqrs::{Views, prelude::*};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Status {
    Open,
    Closed,
}

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct Ticket {
    #[cqrs(key)]
    pub id: Uuid,
    #[cqrs(index)]
    pub status: Status,
}

pub async fn open(tickets: &Views<Ticket>) -> Result<Option<Ticket>, QueryError> {
    tickets.filter(Ticket::STATUS.eq(Status::Open)).order_by(Ticket::STATUS).first().await
}

fn main() {}
