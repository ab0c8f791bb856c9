//! What is there under a condition: variants, fields, methods and parameters, on (`all()`) and off (`any()`).

#![allow(clippy::non_minimal_cfg, reason = "a condition that always holds")]

use std::convert::Infallible;

use cqrs::{MemoryStore, prelude::*, testkit::given};

use super::{command_names, run, stored};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cfg_attr(all(), cqrs(aggregate = "lamp"))]
#[cqrs(id = lamp)]
enum LampEvent {
    #[cfg(any())]
    Imagined(Missing),
    Hung {
        lamp: u32,
        #[cfg(any())]
        missing: Missing,
        #[cfg(all())]
        colour: String,
    },
    #[cfg(all())]
    Lit {
        lamp: u32,
        #[cfg_attr(all(), cqrs(unique))]
        socket: u32,
    },
    #[cfg(any())]
    Broken(Missing),
    #[cfg_attr(all(), cqrs(name = "lamp.dark"))]
    #[cfg_attr(any(), cqrs(name = "lamp.darker"))]
    Dimmed { lamp: u32 },
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Lamp)]
struct Hang {
    #[cfg(any())]
    #[cqrs(id)]
    missing: Missing,
    #[cfg(all())]
    #[cqrs(id)]
    lamp: u32,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Lamp)]
struct Light {
    #[cqrs(id)]
    lamp: u32,
    socket: u32,
}

#[derive(Debug)]
struct Lamp {
    #[cfg(all())]
    colour: String,
}

#[aggregate(event = LampEvent, error = Infallible)]
impl Lamp {
    #[cfg(all())]
    #[handle]
    fn hang(command: Hang) -> Result<LampEvent, Infallible> {
        Ok(LampEvent::Hung { lamp: command.lamp, colour: "red".into() })
    }

    #[handle]
    #[cfg(any())]
    fn hang_otherwise(command: Hang) -> Result<Missing, Infallible> {
        missing()
    }

    #[cfg(not(any()))]
    #[handle]
    fn light(&self, command: Light) -> Result<Option<LampEvent>, Infallible> {
        Ok((self.colour == "red").then_some(LampEvent::Lit { lamp: command.lamp, socket: command.socket }))
    }

    #[cfg(any())]
    #[on(Imagined(missing), Broken(missing))]
    fn imagined(&mut self, missing: Missing) {}

    #[on(Hung)]
    fn hung(#[cfg(any())] missing: Missing, #[cfg(all())] colour: String) -> Self {
        Self { colour }
    }

    #[on(Lit)]
    #[cfg(all())]
    #[cfg(not(any()))]
    fn lit(&mut self) {
        self.colour.push('!');
    }

    #[on(Lit)]
    #[cfg(any())]
    fn lit(&mut self, missing: Missing) {}

    #[on(Dimmed)]
    fn dimmed(&mut self) {
        self.colour = "grey".into();
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
struct LampView {
    #[cqrs(key)]
    lamp: u32,
    #[cfg(any())]
    #[cqrs(index)]
    missing: Missing,
    #[cfg(all())]
    #[cqrs(index)]
    colour: String,
}

#[derive(Debug, Deserialize, Query)]
#[cqrs(model = LampView, result = Vec<LampView>)]
struct Red {
    #[cfg(any())]
    missing: Missing,
}

#[projection(event = LampEvent)]
impl LampView {
    #[on(Hung)]
    fn hung(lamp: u32, #[cfg(all())] colour: &str, #[cfg(any())] missing: &Missing) -> Self {
        Self { lamp, colour: colour.to_owned() }
    }

    #[on(Lit, Dimmed)]
    #[cfg(all())]
    fn changed(&mut self) {}

    #[on(Imagined(missing), key = missing)]
    #[cfg(any())]
    fn imagined(&mut self) {}

    #[handle]
    #[cfg(all())]
    async fn red(lamps: &Views<Self>, _: Red) -> Result<Vec<Self>, QueryError> {
        lamps.filter(Self::COLOUR.eq("red")).rows().await
    }

    #[handle]
    #[cfg(any())]
    async fn missing(lamps: &Views<Self>, _: Missing) -> Result<Missing, QueryError> {
        missing()
    }
}

/// A block under a condition, with its macro above it and beneath.
#[cfg(any())]
#[aggregate(event = Missing, error = Missing)]
impl Lamp {}

#[aggregate(event = Missing, error = Missing)]
#[cfg(any())]
impl Lamp {}

#[derive(Debug, Clone, Deserialize, Command)]
struct Dust;

struct Cleaners;

#[command_handlers]
impl Cleaners {
    #[handle]
    #[cfg(all())]
    async fn dust(&self, _: Dust) -> Result<(), Infallible> {
        Ok(())
    }

    #[handle]
    #[cfg(any())]
    async fn missing(&self, _: Missing) -> Result<(), Infallible> {
        Ok(())
    }
}

#[derive(Dispatcher)]
struct Home {
    #[cfg(all())]
    engine: Engine,
    #[cfg(any())]
    missing: Missing,
    cleaners: Cleaners,
}

#[test]
fn what_is_off_is_not_there() {
    stored(&LampEvent::Hung { lamp: 1, colour: "red".into() }, "lamp.hung", r#"{"lamp":1,"colour":"red"}"#);
    stored(&LampEvent::Lit { lamp: 1, socket: 2 }, "lamp.lit", r#"{"lamp":1,"socket":2}"#);
    stored(&LampEvent::Dimmed { lamp: 1 }, "lamp.dark", r#"{"lamp":1}"#);
    assert_eq!(LampEvent::TYPES.iter().map(|of| of.variant).collect::<Vec<_>>(), ["Hung", "Lit", "Dimmed"]);
    assert_eq!(LampEvent::Lit { lamp: 1, socket: 2 }.claims()[0].key, "lamp.socket");
    assert_eq!(command_names::<Lamp>(), ["hang", "light"]);

    let hung = || LampEvent::Hung { lamp: 1, colour: "red".into() };
    let lit = || LampEvent::Lit { lamp: 1, socket: 2 };
    given([]).when(Hang { lamp: 1 }).then([hung()]);
    given([hung()]).when(Light { lamp: 1, socket: 2 }).then([lit()]);
    given([hung(), lit()]).when(Light { lamp: 1, socket: 2 }).then_nothing();

    run(async {
        let engine = Engine::builder(MemoryStore::new()).projection::<LampView>().start().await.unwrap();
        let home = Home { engine: engine.clone(), cleaners: Cleaners };
        home.execute(Hang { lamp: 1 }).await.unwrap();
        home.execute(Dust).await.unwrap();
        let lit = home.execute(Light { lamp: 1, socket: 2 }).await.unwrap();
        let rows = home.query(Red {}).after(&lit).await.unwrap();
        assert_eq!(rows, [LampView { lamp: 1, colour: "red".into() }]);
        assert_eq!(home.command_names(), ["dust"]);
    });
}
