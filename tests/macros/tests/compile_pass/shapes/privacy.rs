//! Private types in private modules, whole domains in functions, several aggregates in one module.

use cqrs::{MemoryStore, prelude::*, testkit::given};

use super::run;

/// Nothing in it is visible outside but what `pub(super)` says.
mod inside {
    use std::convert::Infallible;

    use super::*;

    mod deeper {
        use super::*;

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub(in super::super) struct Colour(pub(in super::super) u8);

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        #[cqrs(aggregate = "door", id = door)]
        pub(in super::super) enum DoorEvent {
            Hung { door: u32, colour: Colour },
        }

        #[derive(Debug, Clone, Deserialize, Command)]
        #[cqrs(aggregate = super::Door)]
        pub(in super::super) struct Hang {
            #[cqrs(id)]
            pub(in super::super) door: u32,
        }
    }

    pub(super) struct Door;

    #[aggregate(event = deeper::DoorEvent, error = Infallible)]
    impl Door {
        #[handle]
        fn hang(command: deeper::Hang) -> Result<deeper::DoorEvent, Infallible> {
            Ok(deeper::DoorEvent::Hung { door: command.door, colour: deeper::Colour(1) })
        }

        #[on(Hung)]
        fn hung(colour: deeper::Colour) -> Self {
            let _ = colour;
            Self
        }
    }

    #[derive(Debug, Serialize, Deserialize, ReadModel)]
    struct Row {
        #[cqrs(key)]
        door: u32,
        #[cqrs(index)]
        colour: u8,
    }

    #[derive(Debug, Query)]
    #[cqrs(model = Row, result = u64)]
    struct Coloured(u8);

    #[projection(event = deeper::DoorEvent)]
    impl Row {
        #[on(deeper::DoorEvent::Hung)]
        fn hung(door: u32, colour: deeper::Colour) -> Self {
            Self { door, colour: colour.0 }
        }

        #[handle]
        async fn coloured(rows: &Views<Self>, Coloured(colour): Coloured) -> Result<u64, QueryError> {
            rows.filter(Self::COLOUR.eq(colour)).count().await
        }
    }

    pub(super) async fn count() -> u64 {
        let engine = Engine::builder(MemoryStore::new()).projection::<Row>().start().await.unwrap();
        let hung = engine.execute(deeper::Hang { door: 1 }).await.unwrap();
        engine.query(Coloured(1)).after(&hung).await.unwrap()
    }
}

/// Two aggregates and their service beside each other.
mod together {
    use std::convert::Infallible;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "left", id = id)]
    pub(super) enum LeftEvent {
        Made { id: u32, twin: String },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "right", id = id)]
    pub(super) enum RightEvent {
        Made { id: String },
    }

    #[derive(Debug, Clone, Command)]
    #[cqrs(aggregate = Left)]
    pub(super) struct MakeLeft(#[cqrs(id)] pub(super) u32);

    #[derive(Debug, Clone, Command)]
    #[cqrs(aggregate = Right)]
    pub(super) struct MakeRight(#[cqrs(id)] pub(super) String);

    pub(super) struct Left;
    pub(super) struct Right;

    #[aggregate(event = LeftEvent, error = Infallible)]
    impl Left {
        #[handle]
        fn make(MakeLeft(id): MakeLeft) -> Result<LeftEvent, Infallible> {
            Ok(LeftEvent::Made { id, twin: "r".into() })
        }

        #[on(Made)]
        fn made() -> Self {
            Self
        }
    }

    #[aggregate(event = RightEvent, error = Infallible)]
    impl Right {
        #[handle]
        fn make(MakeRight(id): MakeRight) -> Result<RightEvent, Infallible> {
            Ok(RightEvent::Made { id })
        }

        #[on(Made)]
        fn made() -> Self {
            Self
        }
    }

    /// Rows of both.
    #[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
    struct Both {
        #[cqrs(key)]
        id: String,
    }

    #[projection(events(LeftEvent, RightEvent))]
    impl Both {
        #[on(LeftEvent::Made, key = twin, or_insert = Self::new)]
        fn left(&mut self) {}

        #[on(RightEvent::Made)]
        fn right(id: String) -> Self {
            Self { id }
        }

        fn new(id: String) -> Self {
            Self { id }
        }
    }
}

/// A domain that only a function knows.
fn in_a_function() -> u32 {
    use std::convert::Infallible;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "coin", id = coin)]
    enum CoinEvent {
        Struck { coin: u32 },
        Tossed { coin: u32, heads: bool },
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(aggregate = Coin)]
    struct Strike {
        #[cqrs(id)]
        coin: u32,
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(aggregate = Coin, result = u32)]
    struct Toss(#[cqrs(id)] u32);

    struct Coin {
        heads: u32,
    }

    #[aggregate(event = CoinEvent, error = Infallible)]
    impl Coin {
        #[handle]
        fn strike(command: Strike) -> Result<CoinEvent, Infallible> {
            Ok(CoinEvent::Struck { coin: command.coin })
        }

        #[handle]
        fn toss(&self, Toss(coin): Toss) -> Result<(CoinEvent, u32), Infallible> {
            Ok((CoinEvent::Tossed { coin, heads: true }, self.heads + 1))
        }

        #[on(Struck)]
        fn struck() -> Self {
            Self { heads: 0 }
        }

        #[on(Tossed)]
        fn tossed(&mut self, heads: bool) {
            self.heads += u32::from(heads);
        }
    }

    #[derive(Debug, Serialize, Deserialize, ReadModel)]
    struct CoinRow {
        #[cqrs(key)]
        coin: u32,
    }

    #[derive(Debug, Query)]
    #[cqrs(model = CoinRow, result = u64)]
    struct CountCoins;

    #[projection(event = CoinEvent, ignore(Tossed))]
    impl CoinRow {
        #[on(Struck)]
        fn struck(coin: u32) -> Self {
            Self { coin }
        }

        #[handle]
        async fn count(rows: &Views<Self>, _: CountCoins) -> Result<u64, QueryError> {
            rows.all().count().await
        }
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(result = u32)]
    struct TossAll;

    struct Hand(Engine);

    #[command_handlers]
    impl Hand {
        #[handle]
        async fn toss_all(&self, _: TossAll) -> Result<u32, Infallible> {
            Ok(self.0.execute(Toss(1)).await.map_or(0, |receipt| receipt.result))
        }
    }

    #[derive(Dispatcher)]
    struct App {
        engine: Engine,
        hand: Hand,
    }

    run(async {
        let engine = Engine::builder(MemoryStore::new()).projection::<CoinRow>().start().await.unwrap();
        let app = App { engine: engine.clone(), hand: Hand(engine) };
        let struck = app.execute(Strike { coin: 1 }).await.unwrap();
        assert_eq!(app.query(CountCoins).after(&struck).await.unwrap(), 1);
        app.execute(Toss(1)).await.unwrap();
        app.execute(TossAll).await.unwrap().result
    })
}

#[test]
fn what_is_private_stays_private() {
    assert_eq!(run(inside::count()), 1);
}

#[test]
fn a_function_may_hold_a_domain() {
    assert_eq!(in_a_function(), 2);
}

#[test]
fn aggregates_stand_beside_each_other() {
    use together::{LeftEvent, MakeLeft, MakeRight, RightEvent};

    given([]).when(MakeLeft(1)).then([LeftEvent::Made { id: 1, twin: "r".into() }]);
    given([]).when(MakeRight("r".into())).then([RightEvent::Made { id: "r".into() }]);
}
