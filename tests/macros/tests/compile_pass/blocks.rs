//! What blocks may look like, and what they do.
#![allow(missing_docs, reason = "a program, not a library")]
#![allow(
    clippy::default_trait_access,
    clippy::non_minimal_cfg,
    clippy::unused_unit,
    reason = "what may be written, not what is best"
)]

use std::{
    pin::pin,
    task::{self, Poll, Waker},
};

use cqrs::{
    Change, Clock, CommandHandler, Decide, Event, Metadata, Misapplied, Position, Projection, ProjectionError, Query,
    RecordedEvent, RequestId, StreamId, Target, Version,
    dispatch::{CommandRoutes, JsonCommands as _, JsonQueries as _, QueryRoutes},
    prelude::*,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub cart: u64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "cart", id = cart)]
pub enum CartEvent {
    Opened { cart: u64, owner: Option<u64> },
    Copied { cart: u64, owner: Option<u64> },
    Added(Item),
    Moved(#[cqrs(id)] u64, String),
    Emptied { cart: u64 },
    Viewed { cart: u64 },
    Closed { cart: u64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "owner", id = id)]
pub enum OwnerEvent {
    Joined { id: u64 },
    Seen { id: u64 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum CartError {
    #[error("no cart {0}")]
    NotFound(u64),
    #[error("there is a cart {0}")]
    Exists(u64),
    #[error("too much")]
    TooMuch(#[from] TooMuch),
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too much")]
pub struct TooMuch;

macro_rules! commands {
    ($($(#[$attribute:meta])* $name:ident { $($field:ident: $ty:ty),* })*) => {
        $(#[derive(Debug, Clone, Command)]
        #[cqrs(aggregate = Cart)]
        $(#[$attribute])*
        pub struct $name { #[cqrs(id)] pub cart: u64, $(pub $field: $ty),* })*
    };
}

commands! {
    #[cqrs(result = u64)]
    Open {}
    Add { names: Vec<String> }
    Move { to: String }
    Empty {}
    #[cqrs(result = usize)]
    Close {}
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cart {
    owner: Option<u64>,
    items: Vec<String>,
}

#[aggregate(
    event = CartEvent,
    error = CartError,
    not_found = CartError::NotFound,
    already_exists = CartError::Exists,
    ignore(Viewed, Closed),
    snapshot(every = 50),
)]
impl Cart {
    pub const LIMIT: usize = 3;

    #[handle]
    pub fn open(Open { cart }: Open) -> Result<(CartEvent, u64), CartError> {
        Ok((CartEvent::Opened { cart, owner: None }, cart))
    }

    #[handle]
    fn add(&self, command: &Add, _ctx: &Context) -> Result<Vec<CartEvent>, TooMuch> {
        let item = |name: &String| CartEvent::Added(Item { cart: command.cart, name: name.clone() });
        if self.room() < command.names.len() { Err(TooMuch) } else { Ok(command.names.iter().map(item).collect()) }
    }

    #[handle]
    fn move_(&self, mut command: Move) -> Result<[CartEvent; 1], CartError> {
        command.to.make_ascii_uppercase();
        Ok([CartEvent::Moved(command.cart, command.to)])
    }

    #[handle]
    #[cfg(all())]
    fn empty(&self, command: Empty) -> Result<Option<CartEvent>, CartError> {
        Ok((!self.items.is_empty()).then_some(CartEvent::Emptied { cart: command.cart }))
    }

    #[handle]
    #[cfg(any())]
    fn missing(&self, command: Missing) -> Result<Option<CartEvent>, CartError> {
        Ok(None)
    }

    #[handle]
    fn close(&self, command: Close) -> Result<(Option<CartEvent>, usize), CartError> {
        Ok((Some(CartEvent::Closed { cart: command.cart }), self.items.len()))
    }

    #[on(Opened, CartEvent::Copied)]
    fn opened(owner: &Option<u64>) -> Self {
        Self { owner: *owner, ..Self::default() }
    }

    #[on(Added(item))]
    fn added(&mut self, mut item: Item) {
        item.name.make_ascii_lowercase();
        self.items.push(item.name);
    }

    #[on(Moved(_cart, to))]
    fn moved(&mut self, to: &str) {
        self.items.push(to.to_owned());
    }

    #[on(Emptied)]
    #[cfg(all())]
    fn emptied(&mut self) -> () {
        self.items.clear();
    }

    #[on(Emptied)]
    #[cfg(any())]
    fn other(&mut self, missing: u8) {}

    fn room(&self) -> usize {
        Self::LIMIT - self.items.len()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ReadModel)]
pub struct OwnerView {
    #[cqrs(key)]
    pub id: u64,
    pub carts: Vec<String>,
}

#[derive(Debug, Query)]
#[cqrs(model = OwnerView, result = Option<OwnerView>, error = NoOwner)]
pub struct GetOwner {
    pub id: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("no owner: {0}")]
pub struct NoOwner(#[from] QueryError);

#[projection(
    events(CartEvent, OwnerEvent),
    ignore(CartEvent::Added, CartEvent::Moved, CartEvent::Viewed, OwnerEvent::Seen)
)]
impl OwnerView {
    #[on(CartEvent::Opened, CartEvent::Copied, key = owner, or_insert = Self::unknown)]
    fn opened(&mut self, cart: u64, #[recorded] recorded: &RecordedEvent) {
        self.carts.push(format!("{cart}@{}", recorded.position));
    }

    #[on(CartEvent::Emptied, CartEvent::Closed)]
    fn gone(&mut self) -> Change {
        Change::Delete
    }

    #[on(OwnerEvent::Joined)]
    fn joined(id: u64) -> Self {
        Self { id, carts: Vec::new() }
    }

    fn unknown(id: u64) -> Self {
        Self { id, carts: vec!["unknown".into()] }
    }

    #[handle]
    async fn by_id(owners: &Views<Self>, GetOwner { id }: GetOwner) -> Result<Option<Self>, QueryError> {
        owners.get(&id).await
    }
}

pub trait Mailer: Send + Sync + 'static {}

#[derive(Deserialize, Command)]
#[cqrs(error = CartError)]
pub struct Remind {}

#[derive(Query)]
#[cqrs(result = u64)]
pub struct Reminded;

pub struct Reminders<M> {
    pub mailer: M,
}

#[command_handlers]
impl<M> Reminders<M>
where
    M: Mailer,
{
    #[handle]
    async fn remind(&self, command: &Remind) -> Result<(), TooMuch> {
        let Remind {} = command;
        Err(TooMuch)
    }
}

#[query_handlers]
impl<M: Mailer> Reminders<M> {
    #[handle]
    async fn reminded(&self, query: Reminded) -> Result<u64, QueryError> {
        let Reminded = query;
        Ok(1)
    }
}

fn handles<C: Command, H: CommandHandler<C>>() {}

#[allow(dead_code)]
fn services_are_generic<M: Mailer>() {
    handles::<Remind, Reminders<M>>();
    handles::<Add, Engine>();
}

fn decide<C>(cart: Option<&Cart>, command: &C) -> Result<(Vec<CartEvent>, C::Result), String>
where
    C: cqrs::AggregateCommand<Aggregate = Cart>,
    Cart: Decide<C>,
{
    let decided = Cart::decide(cart, command, &Context::new());
    decided.map(|(events, result)| (events.into_iter().collect(), result)).map_err(|error| error.to_string())
}

fn aggregates() {
    assert_eq!(<Cart as Decide<Open>>::TARGET, Target::New);
    assert_eq!(<Cart as Decide<Add>>::TARGET, Target::Living);

    let mut cart = None;
    let added = CartEvent::Added(Item { cart: 1, name: "TEA".into() });
    assert_eq!(Cart::apply(&mut cart, added.clone()), Err(Misapplied::NotAlive("Added")));
    assert_eq!(decide(cart.as_ref(), &Close { cart: 1 }), Err("no cart 1".into()));

    let (events, id) = decide(None, &Open { cart: 1 }).unwrap();
    assert_eq!((id, &*events), (1, &[CartEvent::Opened { cart: 1, owner: None }][..]));
    assert!(Cart::creates(&events[0]) && !Cart::creates(&added));
    Cart::apply(&mut cart, events[0].clone()).unwrap();
    assert_eq!(Cart::apply(&mut cart, events[0].clone()), Err(Misapplied::AlreadyAlive("Opened")));
    assert_eq!(decide(cart.as_ref(), &Open { cart: 1 }), Err("there is a cart 1".into()));

    let names = vec!["TEA".to_owned(); 4];
    assert_eq!(decide(cart.as_ref(), &Add { cart: 1, names: names.clone() }), Err("too much".into()));
    let (events, ()) = decide(cart.as_ref(), &Add { cart: 1, names: names[2..].to_vec() }).unwrap();
    assert_eq!(events, [added.clone(), added]);
    for event in events {
        Cart::apply(&mut cart, event).unwrap();
    }
    let (events, ()) = decide(cart.as_ref(), &Move { cart: 1, to: "x".into() }).unwrap();
    Cart::apply(&mut cart, events[0].clone()).unwrap();
    Cart::apply(&mut cart, CartEvent::Viewed { cart: 1 }).unwrap();
    assert_eq!(cart.as_ref().unwrap().items, ["tea", "tea", "X"]);
    let (events, left) = decide(cart.as_ref(), &Close { cart: 1 }).unwrap();
    assert_eq!((events.len(), left), (1, 3));
    Cart::apply(&mut cart, CartEvent::Emptied { cart: 1 }).unwrap();
    assert_eq!(decide(cart.as_ref(), &Empty { cart: 1 }), Ok((vec![], ())));
}

fn recorded(position: u64) -> RecordedEvent {
    struct Epoch;
    impl Clock for Epoch {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }
    }
    RecordedEvent {
        position: Position(position),
        stream: StreamId::of("cart", &1).unwrap(),
        version: Version(1),
        event_type: "cart.opened".into(),
        payload: Default::default(),
        tags: Vec::new(),
        metadata: Metadata::new(RequestId::random(), Epoch.now()).into(),
    }
}

fn projections() {
    type Either = <OwnerView as Projection>::Event;
    let cart = |event| Either::Left(event);
    let owner = |event| Either::Right(event);
    let project = |row, event| OwnerView::project(row, event, &recorded(7));

    let opened = |owner| cart(CartEvent::Opened { cart: 1, owner });
    assert_eq!(OwnerView::row_key(&opened(Some(9))), Some(9));
    assert_eq!(OwnerView::row_key(&opened(None)), None);
    assert_eq!(OwnerView::row_key(&cart(CartEvent::Closed { cart: 5 })), Some(5));
    assert_eq!(OwnerView::row_key(&cart(CartEvent::Viewed { cart: 5 })), None);
    assert_eq!(OwnerView::row_key(&owner(OwnerEvent::Joined { id: 4 })), Some(4));

    let row = project(None, opened(Some(9))).unwrap().unwrap();
    assert_eq!(row, OwnerView { id: 9, carts: vec!["unknown".into(), "1@7".into()] });
    assert_eq!(project(None, opened(None)), Err(ProjectionError::NoRow("Opened")));
    let joined = owner(OwnerEvent::Joined { id: 9 });
    assert_eq!(project(Some(row.clone()), joined.clone()), Err(ProjectionError::RowExists("Joined")));
    assert_eq!(project(None, joined).unwrap().unwrap().carts, [""; 0]);
    assert_eq!(project(Some(row.clone()), cart(CartEvent::Viewed { cart: 1 })), Ok(Some(row.clone())));
    assert_eq!(project(Some(row), cart(CartEvent::Closed { cart: 1 })), Ok(None));
    assert_eq!(project(None, cart(CartEvent::Closed { cart: 1 })), Err(ProjectionError::NoRow("Closed")));
}

struct NoMail;

impl Mailer for NoMail {}

/// What a future that does not wait comes to.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

fn routes() {
    let names = <Cart as CommandRoutes<Engine>>::command_routes().iter().map(|route| route.name).collect::<Vec<_>>();
    assert_eq!(names, ["open", "add", "move", "empty", "close"]);
    assert_eq!(<OwnerView as QueryRoutes<Engine>>::query_routes()[0].name, "get_owner");

    let reminders = Reminders { mailer: NoMail };
    let run = |json: &str| {
        let json = cqrs::serde_json::from_str(json).unwrap();
        now(reminders.execute_json("remind", json, Context::new())).unwrap_err().to_string()
    };
    assert_eq!(run("{}"), "too much");
    assert!(run("[1]").starts_with("the input of `remind` is not valid"), "{}", run("[1]"));
    let asked = now(reminders.query_json("reminded", cqrs::serde_json::Value::Null, cqrs::Consistency::default()))
        .unwrap_err()
        .to_string();
    assert!(asked.starts_with("`reminded` cannot be called by name: it needs `#[derive(Deserialize)]`"), "{asked}");

    let receipt = now(CommandHandler::handle(&reminders, Remind {}, Context::new()));
    assert!(matches!(receipt, Err(CommandError::Rejected(CartError::TooMuch(TooMuch)))));
    assert_eq!(now(QueryHandler::handle(&reminders, Reminded, Default::default())).unwrap(), 1);
}

fn main() {
    aggregates();
    routes();
    projections();
    assert_eq!(CartEvent::AGGREGATE, "cart");
    assert_eq!(GetOwner::QUERY_NAME, "get_owner");
}
