use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "account")]
pub enum AccountEvent {
    Opened {
        #[id]
        number: u64,
    },
}

fn main() {}
