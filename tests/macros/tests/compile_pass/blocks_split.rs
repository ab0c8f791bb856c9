//! The handlers of one type in several blocks, with what is common in handlers: methods under conditions, errors that
//! convert, lints and documentation, and handlers called as what they are, functions.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

use cqrs::{
    AggregateCommand, Answer, CommandHandler, Decide, Target, ViewQuery,
    dispatch::{CommandRoutes, QueryRoutes},
    prelude::*,
};

/// What happened to a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "cart", id = cart)]
pub enum CartEvent {
    /// It is there.
    Opened {
        /// Which.
        cart: u64,
    },
    /// Something is in it.
    Added {
        /// Which.
        cart: u64,
        /// What.
        item: String,
    },
    /// It is paid.
    Paid {
        /// Which.
        cart: u64,
    },
}

/// Why not.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum CartError {
    /// Nothing to pay.
    #[error("the cart is empty")]
    Empty,
    /// Not a number.
    #[error("not a number: {0}")]
    Number(#[from] std::num::ParseIntError),
}

macro_rules! commands {
    ($($name:ident { $($field:ident: $ty:ty),* })*) => {
        $(/// A command.
        #[derive(Debug, Clone, Deserialize, Command)]
        #[cqrs(aggregate = Cart)]
        pub struct $name {
            /// Which cart.
            #[cqrs(id)]
            pub cart: u64,
            $(/// More.
            pub $field: $ty,)*
        })*
    };
}

commands! {
    Open {}
    Add { item: String, count: String }
    Pay {}
    Print {}
}

/// A cart.
#[derive(Debug, Default)]
pub struct Cart {
    items: Vec<String>,
}

/// What is remembered.
#[aggregate(event = CartEvent, error = CartError, blocks = 3)]
impl Cart {
    /// Opens it.
    #[handle]
    fn open(command: &Open) -> Result<CartEvent, CartError> {
        Ok(CartEvent::Opened { cart: command.cart })
    }

    #[on(Opened)]
    fn opened() -> Self {
        Self::default()
    }

    #[on(Added)]
    fn added(&mut self, item: String) {
        self.items.push(item);
    }

    #[cfg(all())]
    #[on(Paid)]
    fn paid(&mut self) {
        self.items.clear();
    }

    #[cfg(any())]
    #[on(Paid)]
    fn paid(&mut self, missing: u8) {}
}

/// Filling it.
#[aggregate(block = 2)]
impl Cart {
    /// Puts something in.
    #[handle]
    pub fn add(&self, Add { cart, item, count }: Add) -> Result<Vec<CartEvent>, CartError> {
        let count: usize = count.parse()?;
        Ok(vec![CartEvent::Added { cart, item }; count])
    }
}

/// Paying.
#[aggregate(block = 3)]
#[allow(clippy::missing_errors_doc)]
impl Cart {
    /// Pays.
    #[handle]
    pub fn pay(&self, command: &Pay) -> Result<CartEvent, CartError> {
        if self.items.is_empty() { Err(CartError::Empty) } else { Ok(CartEvent::Paid { cart: command.cart }) }
    }

    #[cfg(all())]
    #[handle]
    fn print(&self, command: Print) -> Result<Option<CartEvent>, CartError> {
        drop(command);
        Ok(None)
    }

    #[cfg(any())]
    #[handle]
    fn print(&self, command: Missing) -> Result<Option<CartEvent>, CartError> {
        Ok(None)
    }
}

/// What sends mail.
pub trait Mailer: Send + Sync + 'static {
    /// Sends it.
    fn send(&self);
}

/// Mails.
pub struct Mails<M> {
    mailer: M,
}

/// A command of a service.
#[derive(Debug, Deserialize, Command)]
pub struct Remind;

/// Another one.
#[derive(Debug, Deserialize, Command)]
pub struct Thank;

/// A query of a service.
#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct Sent;

/// Another one.
#[derive(Debug, Deserialize, Query)]
#[cqrs(result = u64)]
pub struct Open2;

#[command_handlers(blocks = 2)]
impl<M: Mailer> Mails<M> {
    #[handle]
    async fn remind(&self, _command: Remind) -> Result<(), std::convert::Infallible> {
        self.mailer.send();
        Ok(())
    }
}

#[command_handlers(block = 2)]
impl<M> Mails<M>
where
    M: Mailer,
{
    #[handle]
    async fn thank(&self, _command: Thank) -> Result<(), std::convert::Infallible> {
        Ok(())
    }
}

#[query_handlers(blocks = 2)]
impl<M: Mailer> Mails<M> {
    #[handle]
    async fn sent(&self, _query: Sent) -> Result<u64, QueryError> {
        Ok(1)
    }
}

#[query_handlers(block = 2)]
impl<M: Mailer> Mails<M> {
    #[handle]
    async fn open(&self, _query: Open2) -> Result<u64, QueryError> {
        Ok(2)
    }
}

/// A row.
#[derive(Debug, Serialize, Deserialize, ReadModel)]
pub struct CartView {
    /// Which.
    #[cqrs(key)]
    pub cart: u64,
}

/// All.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = CartView, result = Option<CartView>)]
pub struct GetCart(u64);

/// Many.
#[derive(Debug, Deserialize, Query)]
#[cqrs(model = CartView, result = Vec<CartView>)]
pub struct ListCarts;

#[projection(event = CartEvent, ignore(Added, Paid), blocks = 2)]
impl CartView {
    #[on(Opened)]
    fn opened(cart: u64) -> Self {
        Self { cart }
    }

    #[handle]
    async fn get(carts: &Views<Self>, GetCart(cart): GetCart) -> Result<Option<Self>, QueryError> {
        carts.get(&cart).await
    }
}

#[projection(block = 2)]
impl CartView {
    #[handle]
    async fn list(carts: &Views<Self>, _query: ListCarts) -> Result<Vec<Self>, QueryError> {
        carts.all().page(1, 10).await
    }
}

struct NoMail;

impl Mailer for NoMail {
    fn send(&self) {}
}

/// What is asked of an engine may be generic.
pub async fn run<C, Q>(engine: &Engine, command: C, query: Q) -> Option<Q::Result>
where
    C: AggregateCommand<Aggregate: Decide<C>>,
    Q: ViewQuery<Model: Answer<Q>>,
{
    let executed = engine.execute(command).actor("clerk").await.ok()?;
    engine.query(query).after(&executed).await.ok()
}

fn handles<C: Command, H: CommandHandler<C>>(_: &H) {}

fn main() {
    let names: Vec<_> = <Cart as CommandRoutes<Engine>>::command_routes().iter().map(|route| route.name).collect();
    assert_eq!(names, ["open", "add", "pay", "print"]);
    let names: Vec<_> =
        <CartView as QueryRoutes<Engine>>::query_routes().iter().map(|route| route.name).collect();
    assert_eq!(names, ["get_cart", "list_carts"]);
    let mails = Mails { mailer: NoMail };
    handles::<Remind, _>(&mails);
    handles::<Thank, _>(&mails);
    assert_eq!(<Mails<NoMail> as CommandRoutes<Mails<NoMail>>>::command_routes().len(), 2);
    assert_eq!(<Mails<NoMail> as QueryRoutes<Mails<NoMail>>>::query_routes().len(), 2);

    assert_eq!(<Cart as Decide<Pay>>::TARGET, Target::Living);
    let mut cart = Cart::opened();
    assert_eq!(cart.pay(&Pay { cart: 1 }), Err(CartError::Empty));
    let add = |count: &str| Add { cart: 1, item: "tea".into(), count: count.into() };
    assert_eq!(cart.add(add("many")).unwrap_err().to_string(), "not a number: invalid digit found in string");
    assert_eq!(cart.add(add("2")).unwrap().len(), 2);
    cart.added("tea".into());
    assert_eq!(cart.pay(&Pay { cart: 1 }), Ok(CartEvent::Paid { cart: 1 }));
}
