//! Handlers are functions: called directly in a test, and with `?` inside.

use cqrs::{Change, Position, RecordedEvent, prelude::*, testkit::given};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "parcel", id = parcel)]
enum ParcelEvent {
    Sent { parcel: u32, grams: u32, to: String },
    Weighed { parcel: u32, grams: u32 },
    Lost { parcel: u32 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum ParcelError {
    #[error("no weight: {0}")]
    Weight(#[from] std::num::ParseIntError),
    #[error(transparent)]
    Address(#[from] NoAddress),
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("there is no such address")]
struct NoAddress;

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Parcel, result = u32)]
struct Send {
    #[cqrs(id)]
    parcel: u32,
    grams: String,
    to: String,
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Parcel)]
struct Weigh {
    #[cqrs(id)]
    parcel: u32,
    grams: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Parcel {
    grams: u32,
}

fn address(text: &str) -> Result<String, NoAddress> {
    if text.is_empty() { Err(NoAddress) } else { Ok(text.to_owned()) }
}

#[aggregate(event = ParcelEvent, error = ParcelError)]
impl Parcel {
    #[handle]
    fn send(command: Send, ctx: &Context) -> Result<(ParcelEvent, u32), ParcelError> {
        let grams = command.grams.parse()?;
        let to = address(&command.to)?;
        let _ = ctx.now();
        Ok((ParcelEvent::Sent { parcel: command.parcel, grams, to }, grams))
    }

    /// Fails with an error of its own, which becomes the aggregate's.
    #[handle]
    fn weigh(&self, command: &Weigh) -> Result<Option<ParcelEvent>, std::num::ParseIntError> {
        let grams = command.grams.parse()?;
        Ok((grams != self.grams).then_some(ParcelEvent::Weighed { parcel: command.parcel, grams }))
    }

    #[on(Sent)]
    fn sent(grams: u32) -> Self {
        Self { grams }
    }

    #[on(Weighed)]
    fn weighed(&mut self, grams: u32) {
        self.grams = grams;
    }

    #[on(Lost)]
    fn lost(&mut self) {}
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
struct ParcelView {
    #[cqrs(key)]
    parcel: u32,
    grams: u32,
}

#[projection(event = ParcelEvent)]
impl ParcelView {
    #[on(Sent)]
    fn sent(parcel: u32, grams: u32) -> Self {
        Self { parcel, grams }
    }

    #[on(Weighed)]
    fn weighed(&mut self, grams: u32, #[recorded] recorded: &RecordedEvent) {
        self.grams = if recorded.position > Position(1) { grams } else { 0 };
    }

    #[on(Lost)]
    fn lost(&mut self) -> Change {
        Change::Delete
    }
}

#[test]
fn a_handler_is_a_function() {
    let send = Send { parcel: 1, grams: "250".into(), to: "Delft".into() };
    let (event, grams) = Parcel::send(send, &Context::new()).unwrap();
    assert_eq!(event, ParcelEvent::Sent { parcel: 1, grams: 250, to: "Delft".into() });
    assert_eq!(grams, 250);

    let mut parcel = Parcel::sent(grams);
    parcel.weighed(300);
    assert_eq!(parcel, Parcel { grams: 300 });
    assert_eq!(parcel.weigh(&Weigh { parcel: 1, grams: "300".into() }), Ok(None));

    let mut row = ParcelView::sent(1, 250);
    assert_eq!(row, ParcelView { parcel: 1, grams: 250 });
    assert_eq!(row.lost(), Change::Delete);
}

#[test]
fn errors_become_the_aggregates() {
    let not_a_number = "heavy".parse::<u32>().unwrap_err();
    let send = |grams: &str, to: &str| Send { parcel: 1, grams: grams.into(), to: to.into() };
    given([]).when(send("heavy", "Delft")).then_error(ParcelError::Weight(not_a_number.clone()));
    given([]).when(send("250", "")).then_error(ParcelError::Address(NoAddress));
    let past = ParcelEvent::Sent { parcel: 1, grams: 250, to: "Delft".into() };
    let heavy = Weigh { parcel: 1, grams: "heavy".into() };
    given([past]).when(heavy).then_error(ParcelError::Weight(not_a_number));
}
