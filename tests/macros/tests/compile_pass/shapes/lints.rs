//! Attributes of rustc's on what a macro stands on, or on parts of it, keep their meaning; nothing warns of its own.

#![deny(warnings, unfulfilled_lint_expectations)]
#![allow(clippy::allow_attributes, reason = "they are what is tested")]

use std::convert::Infallible;

use cqrs::{prelude::*, testkit::given};

use super::stored;

/// Documented, and not to be dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[cqrs(aggregate = "kettle", id = kettleId)]
#[must_use]
#[non_exhaustive]
#[expect(non_snake_case, reason = "as the other program writes it")]
enum KettleEvent {
    /// Its field is named as elsewhere.
    Bought {
        /// Which.
        kettleId: u32,
        Litres: u32,
    },
    #[expect(non_camel_case_types, reason = "as the other program writes it")]
    boiled { kettleId: u32 },
    #[deprecated = "kettles do not whistle any more"]
    Whistled {
        kettleId: u32,
        #[deprecated]
        loud: bool,
    },
    #[doc(hidden)]
    Descaled(#[cqrs(id)] u32),
}

/// Buys one.
#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Kettle)]
#[must_use = "a command does nothing until it is executed"]
#[expect(non_snake_case)]
struct Buy {
    #[cqrs(id)]
    kettleId: u32,
    #[expect(dead_code, reason = "read by nobody yet")]
    note: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Command)]
#[cqrs(aggregate = Kettle, result = u32)]
#[deprecated = "use `Buy`"]
struct Boil(#[cqrs(id)] u32);

#[derive(Debug)]
struct Kettle {
    litres: u32,
    #[expect(dead_code)]
    colour: &'static str,
}

#[aggregate(event = KettleEvent, error = Infallible, ignore(Descaled))]
#[allow(non_snake_case, deprecated)]
#[doc = "The block is documented."]
impl Kettle {
    /// Documented.
    #[handle]
    #[must_use = "or nothing is bought"]
    #[inline]
    fn buy(command: Buy) -> Result<KettleEvent, Infallible> {
        Ok(KettleEvent::Bought { kettleId: command.kettleId, Litres: 1 })
    }

    #[deprecated]
    #[expect(unused_variables)]
    #[handle]
    #[track_caller]
    fn boil(&self, command: Boil, ctx: &Context) -> Result<(KettleEvent, u32), Infallible> {
        let unused = 1;
        Ok((KettleEvent::boiled { kettleId: command.0 }, self.litres))
    }

    #[on(Bought)]
    #[must_use]
    const fn Bought(Litres: u32) -> Self {
        Self { litres: Litres, colour: "black" }
    }

    #[on(boiled)]
    #[cold]
    #[expect(unused_mut, unused_variables)]
    fn boiled(&mut self, mut kettleId: u32) {}

    #[on(Whistled)]
    #[deprecated]
    fn whistled(&mut self, loud: bool) {
        self.litres += u32::from(loud);
    }

    #[expect(dead_code, reason = "for later")]
    fn helper() {}
}

/// Every lint that derived constants could set off.
#[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
#[must_use]
#[expect(non_snake_case)]
struct KettleView {
    /// Which.
    #[cqrs(key)]
    kettleId: u32,
    #[deprecated]
    #[cqrs(index)]
    litres: u32,
}

#[derive(Debug, Query)]
#[cqrs(model = KettleView, result = Option<KettleView>)]
#[must_use]
struct GetKettle(#[expect(dead_code)] u32);

#[projection(event = KettleEvent, ignore(Whistled, Descaled, boiled))]
#[expect(non_snake_case, deprecated)]
impl KettleView {
    #[on(Bought)]
    #[must_use = "or there is no row"]
    fn bought(kettleId: u32, Litres: u32) -> Self {
        Self { kettleId, litres: Litres }
    }

    #[handle]
    #[expect(unused_variables)]
    async fn get(kettles: &Views<Self>, query: GetKettle) -> Result<Option<Self>, QueryError> {
        Ok(None)
    }
}

#[derive(Debug, Command)]
#[deprecated]
struct Ring;

#[deprecated]
struct Bell;

#[command_handlers]
#[allow(deprecated)]
impl Bell {
    #[handle]
    #[deprecated]
    async fn ring(&self, _: Ring) -> Result<(), Infallible> {
        Ok(())
    }
}

#[derive(Dispatcher)]
#[deprecated]
#[expect(dead_code)]
struct App {
    #[allow(deprecated)]
    bell: Bell,
}

#[test]
#[expect(deprecated)]
fn what_is_deprecated_still_works() {
    stored(&KettleEvent::Bought { kettleId: 1, Litres: 2 }, "kettle.bought", r#"{"kettleId":1,"Litres":2}"#);
    stored(&KettleEvent::boiled { kettleId: 1 }, "kettle.boiled", r#"{"kettleId":1}"#);
    let bought = KettleEvent::Bought { kettleId: 1, Litres: 2 };
    let whistled = KettleEvent::Whistled { kettleId: 1, loud: true };
    given([bought, whistled]).when(Boil(1)).then([KettleEvent::boiled { kettleId: 1 }]).then_result(3);
    let _ = (KettleView::KETTLEID, KettleView::LITRES);
}
