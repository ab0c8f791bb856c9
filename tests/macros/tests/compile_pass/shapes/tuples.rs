//! Structs and variants without names, and structs without fields.

use std::convert::Infallible;

use cqrs::{prelude::*, testkit::given};

use super::{run, stored};

/// A fact of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Topped {
    glass: u32,
    by: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "glass", id = glass)]
enum GlassEvent {
    Taken(#[cqrs(id)] u32),
    Filled(f32, #[cqrs(id)] u32, String),
    Topped(Topped),
    #[cqrs(release(place))]
    Emptied {
        glass: u32,
    },
    Placed(#[cqrs(id)] u32, #[cqrs(unique = "place")] String),
}

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Glass)]
struct Take(#[cqrs(id)] u32);

#[derive(Debug, Clone, Command)]
#[cqrs(aggregate = Glass, result = (f32, String))]
struct Fill(f32, String, #[cqrs(id)] u32);

#[derive(Debug)]
struct Glass(f32);

#[aggregate(event = GlassEvent, error = Infallible, ignore(Placed))]
impl Glass {
    #[handle]
    fn take(&Take(glass): &Take) -> Result<GlassEvent, Infallible> {
        Ok(GlassEvent::Taken(glass))
    }

    #[handle]
    fn fill(&self, Fill(by, what, glass): Fill) -> Result<(GlassEvent, (f32, String)), Infallible> {
        Ok((GlassEvent::Filled(by, glass, what.clone()), (self.0 + by, what)))
    }

    #[on(Taken)]
    fn taken() -> Self {
        Self(0.0)
    }

    #[on(Filled(by, _, _what))]
    fn filled(&mut self, by: f32) {
        self.0 += by;
    }

    #[on(Topped(topped))]
    fn topped(&mut self, topped: &Topped) {
        self.0 += topped.by;
    }

    #[on(Emptied)]
    fn emptied(&mut self) {
        self.0 = 0.0;
    }
}

/// Neither fields nor an answer.
#[derive(Debug, Clone, Deserialize, Command)]
struct Tick;

/// Braces, and nothing in them.
#[derive(Debug, Clone, Deserialize, Command)]
struct Tock {}

#[derive(Debug, Deserialize, Query)]
#[cqrs(result = (u8, u8))]
struct Ticks;

struct Clock(u8, u8);

#[command_handlers]
impl Clock {
    #[handle]
    async fn tick(&self, _: Tick) -> Result<(), Infallible> {
        Ok(())
    }

    #[handle]
    async fn tock(&self, Tock {}: &Tock, _ctx: &Context) -> Result<(), Infallible> {
        Ok(())
    }
}

#[query_handlers]
impl Clock {
    #[handle]
    async fn ticks(&self, Ticks: Ticks) -> Result<(u8, u8), QueryError> {
        Ok((self.0, self.1))
    }
}

#[derive(Dispatcher)]
struct App(Clock);

#[test]
fn fields_without_names_are_known_by_their_place() {
    stored(&GlassEvent::Taken(7), "glass.taken", "7");
    stored(&GlassEvent::Filled(0.5, 7, "tea".into()), "glass.filled", r#"[0.5,7,"tea"]"#);
    stored(&GlassEvent::Topped(Topped { glass: 7, by: 0.25 }), "glass.topped", r#"{"glass":7,"by":0.25}"#);
    assert_eq!(GlassEvent::Placed(7, "left".into()).claims()[0].key, "glass.place");

    given([]).when(Take(7)).then([GlassEvent::Taken(7)]);
    let past = [
        GlassEvent::Taken(7),
        GlassEvent::Filled(0.5, 7, "tea".into()),
        GlassEvent::Topped(Topped { glass: 7, by: 0.25 }),
        GlassEvent::Placed(7, "left".into()),
    ];
    given(past.clone())
        .when(Fill(0.25, "milk".into(), 7))
        .then([GlassEvent::Filled(0.25, 7, "milk".into())])
        .then_result((1.0, "milk".into()));
    given(past.into_iter().chain([GlassEvent::Emptied { glass: 7 }]))
        .when(Fill(0.25, "milk".into(), 7))
        .then_result((0.25, "milk".into()));
}

#[test]
fn messages_without_fields_are_routed() {
    let app = App(Clock(1, 2));
    assert_eq!(app.command_names(), ["tick", "tock"]);
    run(async {
        app.execute(Tick).await.unwrap();
        app.execute(Tock {}).await.unwrap();
        assert_eq!(app.query(Ticks).await.unwrap(), (1, 2));
        app.execute_json("tock", cqrs::serde_json::json!({})).await.unwrap();
    });
}
