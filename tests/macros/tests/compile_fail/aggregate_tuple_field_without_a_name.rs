use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "cart", id = number)]
pub enum CartEvent {
    Taken { number: u64 },
    Filled(#[cqrs(id)] u64, String),
}

pub struct Cart {
    items: Vec<String>,
}

#[aggregate(event = CartEvent, error = std::convert::Infallible)]
impl Cart {
    #[on(Taken)]
    fn taken() -> Self {
        Self { items: Vec::new() }
    }

    #[on(Filled(number))]
    fn filled(&mut self, item: String) {
        self.items.push(item);
    }
}

fn main() {}
