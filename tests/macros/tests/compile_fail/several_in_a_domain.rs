use cqrs::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "cart")]
pub enum CartEvent {
    Opened { cart: u64 },
    Filled { cart: u64, item: String },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Cart)]
pub struct Open {
    pub cart: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("too much")]
pub struct TooMuch;

pub struct Cart;

#[aggregate(event = CartEvent, error = TooMuch)]
impl Cart {
    #[handle]
    fn open(&mut self, command: Open) -> Result<CartEvent, TooMuch> {
        Ok(CartEvent::Opened { cart: command.cart })
    }

    #[on(Opened)]
    fn opened() -> Self {
        Self
    }
}

#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct CartView {
    pub cart: u64,
    #[cqrs(index)]
    pub items: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = CartView)]
pub struct GetCart {
    pub cart: u64,
}

#[projection(event = CartEvent, ignore(Filled))]
impl CartView {
    #[on(Opened)]
    fn opened(cart: u64) {
        let _ = cart;
    }

    #[handle]
    async fn get(carts: &Views<Self>, GetCart { cart }: GetCart) -> Result<Option<Self>, QueryError> {
        carts.filter(Self::ITEMS.eq(cart.to_string())).first().await
    }
}

#[derive(Dispatcher)]
pub struct App {
    engine: Engine,
    #[cqrs(skp)]
    title: String,
}

pub async fn run(app: App) {
    let _ = app.execute(Open { cart: 1 }).await;
    let _ = app.query(GetCart { cart: 1 }).await;
}

fn main() {}
