//! What sets off lints if anything does: many fields, small states, everything that a block may have.

use events::{Change, RecordedEvent, prelude::*};

/// What happened to a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[serde(crate = "events::serde")]
#[cqrs(aggregate = "seat", id = seat, crate = ::events)]
pub enum SeatEvent {
    /// It was sold.
    Sold {
        /// Which.
        seat: u32,
        /// To whom.
        #[cqrs(unique, taken = SeatError::OneEach)]
        guest: String,
        /// In which hall.
        hall: u8,
        /// In which row.
        row: u8,
        /// Where in it.
        place: u8,
        /// For whom it is fit.
        wheelchair: bool,
        /// Whether it is at the end of a row.
        aisle: bool,
        /// Whether it can be moved.
        movable: bool,
        /// Whether it is heated.
        heated: bool,
        /// What it cost, if anything.
        cents: Option<u32>,
    },
    /// It was looked at.
    #[cqrs(name = "seat.seen", alias = "seat.looked_at")]
    Seen(#[cqrs(id)] u32, String),
    /// It was given back.
    #[cqrs(release(guest))]
    Returned(Returned),
}

/// A seat is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "events::serde")]
pub struct Returned {
    /// Which.
    pub seat: u32,
}

/// What happened to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Event)]
#[serde(crate = "events::serde")]
#[cqrs(aggregate = "guest", id = guest, crate = ::events)]
pub enum GuestEvent {
    /// One came.
    Came {
        /// Who.
        guest: u32,
    },
    /// And went.
    Went {
        /// Who.
        guest: u32,
    },
}

/// Why a seat is not sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatError {
    /// It is sold.
    Sold(u32),
    /// It is not.
    Free(u32),
    /// The guest has one.
    OneEach(String),
}

impl std::fmt::Display for SeatError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sold(seat) => write!(f, "seat {seat} is sold"),
            Self::Free(seat) => write!(f, "seat {seat} is free"),
            Self::OneEach(guest) => write!(f, "{guest} has a seat already"),
        }
    }
}

impl std::error::Error for SeatError {}

/// Sells a seat.
#[derive(Debug, Clone, Deserialize, Command)]
#[serde(crate = "events::serde")]
#[cqrs(aggregate = Seat, result = (u32, bool), crate = ::events)]
pub struct Sell {
    /// Which.
    #[cqrs(id)]
    pub seat: u32,
    /// To whom.
    pub guest: String,
}

/// Takes one back.
#[derive(Debug, Clone, Copy, Deserialize, Command)]
#[serde(crate = "events::serde")]
#[cqrs(aggregate = Seat, crate = ::events)]
pub struct Return {
    /// Which.
    #[cqrs(id)]
    pub seat: u32,
}

/// A seat; small enough to be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "events::serde")]
pub struct Seat {
    free: bool,
}

#[aggregate(
    event = SeatEvent,
    error = SeatError,
    not_found = SeatError::Free,
    already_exists = SeatError::Sold,
    ignore(Seen),
    snapshot(every = 100, version = 1),
    crate = ::events
)]
impl Seat {
    #[handle]
    fn sell(command: Sell, ctx: &Context) -> Result<(SeatEvent, (u32, bool)), SeatError> {
        let Sell { seat, guest } = command;
        let heated = ctx.now().timestamp() > 0;
        let sold = SeatEvent::Sold {
            seat,
            guest,
            hall: 1,
            row: 1,
            place: 1,
            wheelchair: false,
            aisle: false,
            movable: false,
            heated,
            cents: None,
        };
        Ok((sold, (seat, heated)))
    }

    #[handle]
    const fn give_back(&self, command: Return) -> Result<Option<SeatEvent>, SeatError> {
        if self.free {
            return Err(SeatError::Free(command.seat));
        }
        Ok(Some(SeatEvent::Returned(Returned { seat: command.seat })))
    }

    #[on(Sold)]
    fn sold(
        seat: &u32,
        hall: u8,
        row: u8,
        place: u8,
        wheelchair: bool,
        aisle: bool,
        movable: bool,
        heated: bool,
        cents: &Option<u32>,
    ) -> Self {
        let special = wheelchair || aisle || movable || heated;
        let numbers = (seat, hall, row, place, cents);
        Self { free: special && numbers == (&0, 0, 0, 0, &None) }
    }

    #[on(Returned(_returned))]
    const fn returned(&mut self) {
        self.free = true;
    }
}

/// A seat to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ReadModel)]
#[serde(crate = "events::serde")]
#[cqrs(name = "seats", crate = ::events)]
pub struct SeatView {
    /// Which.
    #[cqrs(key)]
    pub seat: u32,
    /// Who sits there.
    #[cqrs(index)]
    pub guest: Option<String>,
    /// How often it was looked at.
    #[cqrs(index)]
    pub(crate) seen: u32,
    #[cqrs(index)]
    at: u64,
}

/// Asks for a seat.
#[derive(Debug, Clone, Deserialize, Query)]
#[serde(crate = "events::serde")]
#[cqrs(model = SeatView, result = Option<SeatView>, crate = ::events)]
pub struct GetSeat {
    /// Of whom.
    pub guest: String,
}

/// Asks how many are free.
#[derive(Debug, Clone, Copy, Deserialize, Query)]
#[serde(crate = "events::serde")]
#[cqrs(model = SeatView, result = u64, crate = ::events)]
pub struct CountFree;

#[projection(events(SeatEvent, GuestEvent), ignore(GuestEvent::Went), crate = ::events)]
impl SeatView {
    #[on(SeatEvent::Sold)]
    const fn sold(seat: u32, guest: String, #[recorded] recorded: &RecordedEvent) -> Self {
        Self { seat, guest: Some(guest), seen: 0, at: recorded.position.0 }
    }

    #[on(SeatEvent::Seen(seat, _by), key = seat, or_insert = Self::new)]
    const fn seen(&mut self) {
        self.seen = self.seen.saturating_add(1);
    }

    #[on(SeatEvent::Returned)]
    const fn returned(&mut self) -> Change {
        Change::Delete
    }

    #[on(GuestEvent::Came)]
    const fn came(&mut self) {}

    const fn new(seat: u32) -> Self {
        Self { seat, guest: None, seen: 0, at: 0 }
    }

    #[handle]
    async fn get(seats: &Views<Self>, query: GetSeat) -> Result<Option<Self>, QueryError> {
        seats.filter(Self::GUEST.eq(query.guest)).order_by(Self::SEEN).first().await
    }

    #[handle]
    async fn count_free(seats: &Views<Self>, _: CountFree) -> Result<u64, QueryError> {
        seats.filter(Self::AT.eq(0_u64)).count().await
    }
}

/// A row that nobody outside of the crate sees, with fields as public as can be.
#[derive(Debug, Serialize, Deserialize, ReadModel)]
#[serde(crate = "events::serde")]
#[cqrs(crate = ::events)]
struct Hidden {
    #[cqrs(key)]
    guest: u32,
    #[cqrs(index)]
    pub(crate) here: bool,
}

#[projection(event = GuestEvent, crate = ::events)]
impl Hidden {
    #[on(Came)]
    const fn came(guest: u32) -> Self {
        Self { guest, here: true }
    }

    #[on(Went)]
    const fn went(&mut self) {
        self.here = false;
    }
}

/// Starts what nobody sees.
///
/// # Errors
/// Where the store cannot be read.
pub async fn start(store: events::MemoryStore) -> Result<Engine, Box<dyn std::error::Error>> {
    Ok(Engine::builder(store).projection::<Hidden>().projection::<SeatView>().start().await?)
}

/// A transaction of somebody's.
#[derive(Debug)]
pub struct Transaction<'a>(&'a mut Vec<String>);

/// What the transaction may fail with.
#[derive(Debug)]
pub struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failed {}

/// Statements of one's own.
#[derive(Debug)]
pub struct Sales;

#[projection(event = SeatEvent, name = "sales", transaction = Transaction, ignore(Seen), crate = ::events)]
impl Sales {
    #[setup]
    async fn setup(tx: &mut Transaction<'_>) -> Result<(), Failed> {
        tx.0.clear();
        Ok(())
    }

    #[on(Sold)]
    async fn sold(tx: &mut Transaction<'_>, guest: &str, seat: u32) -> Result<(), Failed> {
        tx.0.push(format!("{guest} on {seat}"));
        Ok(())
    }

    #[on(Returned)]
    async fn returned(_tx: &mut Transaction<'_>, #[recorded] recorded: &RecordedEvent) -> Result<(), Failed> {
        if recorded.position.0 == 0 { Err(Failed) } else { Ok(()) }
    }
}

/// Sells to somebody who has no seat.
#[derive(Debug, Clone, Deserialize, Command)]
#[serde(crate = "events::serde")]
#[cqrs(result = u32, error = CommandError<SeatError>, crate = ::events)]
pub struct SellAny {
    /// To whom.
    pub guest: String,
}

/// Does nothing.
#[derive(Debug, Clone, Copy, Deserialize, Command)]
#[serde(crate = "events::serde")]
#[cqrs(crate = ::events)]
pub struct Idle;

/// Asks for the name of the office.
#[derive(Debug, Clone, Copy, Deserialize, Query)]
#[serde(crate = "events::serde")]
#[cqrs(result = &'static str, crate = ::events)]
pub struct Name;

/// What an office writes with.
pub trait Pen: std::fmt::Debug + Send + Sync + 'static {}

/// Where seats are sold.
#[derive(Debug)]
pub struct Office<P> {
    engine: Engine,
    pen: P,
}

#[command_handlers(crate = ::events)]
impl<P: Pen> Office<P> {
    #[handle]
    async fn sell_any(&self, command: SellAny, ctx: &Context) -> Result<u32, CommandError<SeatError>> {
        let seat = u32::from(ctx.now().timestamp() > 0);
        let sold = self.engine.execute(Sell { seat, guest: command.guest }).await?;
        Ok(sold.result.0)
    }

    #[handle]
    async fn idle(&self, _: Idle) -> Result<(), std::convert::Infallible> {
        Ok(())
    }
}

#[query_handlers(crate = ::events)]
impl<P: Pen> Office<P> {
    #[handle]
    async fn name(&self, _: Name) -> Result<&'static str, QueryError> {
        Ok(if format!("{:?}", self.pen).is_empty() { "nothing" } else { "office" })
    }
}

/// A pen.
#[derive(Debug, Clone, Copy)]
pub struct Quill;

impl Pen for Quill {}

/// The whole.
#[derive(Debug, Dispatcher)]
#[cqrs(crate = ::events)]
pub struct Theatre<'a> {
    /// Of aggregates and views.
    pub engine: Engine,
    office: Office<Quill>,
    /// Its sign.
    #[cqrs(skip)]
    pub sign: &'a str,
}

/// Uses the whole of it.
///
/// # Errors
/// Where a seat is not sold.
pub async fn run(theatre: &Theatre<'_>) -> Result<Option<SeatView>, Box<dyn std::error::Error>> {
    let sold = theatre.execute(SellAny { guest: "ann".to_owned() }).await?;
    let _receipt = theatre.execute(Return { seat: 2 }).await?;
    Ok(theatre.query(GetSeat { guest: theatre.query(Name).await?.to_owned() }).after(&sold).await?)
}

#[cfg(test)]
mod tests {
    use super::{Return, SeatError, Sell};
    use events::testkit::given;

    #[test]
    fn a_seat_is_sold_once() {
        let sell = || Sell { seat: 1, guest: "ann".to_owned() };
        given([]).when(sell()).then_result((1, true));
        given([]).taken("seat.guest", "ann").when(sell()).then_error(SeatError::OneEach("ann".to_owned()));
        given([]).when(Return { seat: 1 }).then_error(SeatError::Free(1));
    }
}
