//! What identifies an aggregate: anything whose `Display` names its stream.

use std::fmt::{self, Display};

use cqrs::{Column, ColumnError, ColumnType, MemoryStore, StreamId, Value, prelude::*, testkit::given};

use super::run;

/// A newtype.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
struct CartId(u32);

impl Display for CartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Column for CartId {
    const TYPE: ColumnType = u32::TYPE;

    fn to_value(&self) -> Result<Value, ColumnError> {
        self.0.to_value()
    }
}

/// Several fields in one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct SeatId {
    row: char,
    number: u8,
}

impl Display for SeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.row, self.number)
    }
}

impl Column for SeatId {
    const TYPE: ColumnType = ColumnType::Text;

    fn to_value(&self) -> Result<Value, ColumnError> {
        self.to_string().to_value()
    }
}

/// A few that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Region {
    North,
}

impl Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::North => f.write_str("north"),
        }
    }
}

impl Column for Region {
    const TYPE: ColumnType = ColumnType::Text;

    fn to_value(&self) -> Result<Value, ColumnError> {
        self.to_string().to_value()
    }
}

/// A whole domain of things that an `$id` identifies.
macro_rules! things {
    ($($module:ident, $id:ty, $value:expr, $text:literal;)*) => {
        $(mod $module {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
            #[cqrs(aggregate = "thing", id = thing)]
            enum ThingEvent {
                Made { thing: $id, name: String },
                Renamed(#[cqrs(id)] $id, String),
            }

            #[derive(Debug, Clone, Command)]
            #[cqrs(aggregate = Thing, result = $id)]
            struct Make(#[cqrs(id)] $id);

            #[derive(Debug, Clone, Command)]
            #[cqrs(aggregate = Thing)]
            struct Rename {
                name: String,
                #[cqrs(id)]
                thing: $id,
            }

            #[derive(Debug, PartialEq, thiserror::Error)]
            #[error("no thing {0}")]
            struct NoThing($id);

            struct Thing;

            #[aggregate(event = ThingEvent, error = NoThing, not_found = NoThing)]
            impl Thing {
                #[handle]
                fn make(Make(thing): Make) -> Result<(ThingEvent, $id), NoThing> {
                    Ok((ThingEvent::Made { thing: thing.clone(), name: String::new() }, thing))
                }

                #[handle]
                fn rename(&self, Rename { thing, name }: Rename) -> Result<ThingEvent, NoThing> {
                    Ok(ThingEvent::Renamed(thing, name))
                }

                #[on(Made)]
                fn made() -> Self {
                    Self
                }

                #[on(Renamed)]
                fn renamed(&mut self) {}
            }

            #[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
            #[cqrs(name = "things")]
            struct Row {
                #[cqrs(key)]
                thing: $id,
                #[cqrs(index)]
                name: String,
            }

            #[derive(Debug, Query)]
            #[cqrs(model = Row, result = Option<Row>)]
            struct Named(&'static str);

            #[projection(event = ThingEvent)]
            impl Row {
                #[on(Made)]
                fn made(thing: $id, name: String) -> Self {
                    Self { thing, name }
                }

                #[on(Renamed(_thing, name))]
                fn renamed(&mut self, name: &str) {
                    self.name = name.to_owned();
                }

                #[handle]
                async fn named(rows: &Views<Self>, Named(name): Named) -> Result<Option<Self>, QueryError> {
                    rows.filter(Self::NAME.eq(name)).first().await
                }
            }

            #[test]
            fn names_streams_commands_and_rows() {
                let thing: $id = $value;
                let made = ThingEvent::Made { thing: thing.clone(), name: String::new() };
                assert_eq!(StreamId::of("thing", made.aggregate_id()).unwrap().aggregate_id(), $text);
                given([]).when(Make(thing.clone())).then([made]).then_result(thing.clone());
                let rename = || Rename { thing: thing.clone(), name: "tea".into() };
                given([]).when(rename()).then_error(NoThing(thing.clone()));

                run(async {
                    let engine = Engine::builder(MemoryStore::new()).projection::<Row>().start().await.unwrap();
                    engine.execute(Make(thing.clone())).await.unwrap();
                    let renamed = engine.execute(rename()).await.unwrap();
                    let row = engine.query(Named("tea")).after(&renamed).await.unwrap();
                    assert_eq!(row, Some(Row { thing: thing.clone(), name: "tea".into() }));
                });
            }
        })*
    };
}

things! {
    newtype, CartId, CartId(7), "7";
    composite, SeatId, SeatId { row: 'B', number: 12 }, "B12";
    text, String, "a-b c".to_owned(), "a-b c";
    number, u64, 1 << 40, "1099511627776";
    uuid, Uuid, Uuid::from_u128(7), "00000000-0000-0000-0000-000000000007";
    own, Region, Region::North, "north";
}
