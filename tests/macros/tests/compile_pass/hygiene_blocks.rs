//! Code from blocks names nothing that a user may have named otherwise: no prelude, everything shadowed, raw
//! identifiers, items in functions, private types, nested modules, a renamed crate.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

/// In the way of whatever is not named by its whole path.
pub mod shadowed {
    #![allow(dead_code, missing_docs)]

    macro_rules! in_the_way {
        ($($name:ident)*) => { $(struct $name;)* };
    }

    in_the_way! { Option Vec Some None Ok Err String ToString Box Clone Iterator IntoIterator Default Views Context Engine
    Aggregate Projection Send Sync Sized Copy From Into Future Decide Misapplied Target }

    macro_rules! macros_in_the_way {
        ($($name:ident)*) => {
            $(#[allow(unused_macros)]
            macro_rules! $name {
                () => {};
            })*
        };
    }

    macros_in_the_way! { assert compile_error matches panic unreachable vec }

    mod core {}
    mod std {}
    mod cqrs {}

    use ::cqrs::{Command, Event, Query, ReadModel, aggregate, command_handlers, projection, query_handlers};
    use ::serde::{Deserialize, Serialize};

    type Result<T> = ::std::result::Result<T, Refused>;

    #[derive(Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "thing", id = r#type)]
    enum Fact {
        Made {
            r#type: ::uuid::Uuid,
            r#fn: ::std::string::String,
        },
        r#Match {
            r#type: ::uuid::Uuid,
            r#in: u8,
        },
        Marked(#[cqrs(id)] ::uuid::Uuid),
        Unit {
            r#type: ::uuid::Uuid,
        },
        #[deprecated]
        Old {
            r#type: ::uuid::Uuid,
        },
    }

    #[derive(Debug)]
    struct Refused;

    impl ::std::fmt::Display for Refused {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.write_str("refused")
        }
    }

    impl ::std::error::Error for Refused {}

    impl ::std::convert::From<::cqrs::QueryError> for Refused {
        fn from(_: ::cqrs::QueryError) -> Self {
            Self
        }
    }

    #[derive(Command)]
    #[cqrs(aggregate = Thing)]
    struct r#Do {
        #[cqrs(id)]
        r#type: ::uuid::Uuid,
    }

    impl ::std::clone::Clone for r#Do {
        fn clone(&self) -> Self {
            Self { r#type: self.r#type }
        }
    }

    #[derive(Command)]
    #[cqrs(aggregate = Thing)]
    struct Make {
        #[cqrs(id)]
        id: ::uuid::Uuid,
    }

    #[derive(Serialize, Deserialize)]
    struct Thing {
        marks: u64,
    }

    impl Refused {
        fn gone(id: ::uuid::Uuid) -> Self {
            let _ = id;
            Self
        }
    }

    #[aggregate(event = self::Fact, error = Refused, not_found = Refused::gone, ignore(Old))]
    #[cqrs(snapshot(every = 1_000_000, version = 2))]
    impl Thing {
        #[handle]
        fn make(command: &Make) -> Result<Fact> {
            ::std::result::Result::Ok(Fact::Made { r#type: command.id, r#fn: ::std::string::String::new() })
        }

        #[handle]
        fn r#do(&self, r#in: r#Do, ctx: &::cqrs::Context) -> Result<(Fact, ())> {
            let _ = (ctx, self.marks);
            ::std::result::Result::Ok((Fact::Unit { r#type: r#in.r#type }, ()))
        }

        #[on(Made)]
        fn made(r#fn: &str) -> Self {
            let _ = r#fn;
            Self { marks: 0 }
        }

        #[on(r#Match)]
        fn r#match(&mut self, r#in: u8) {
            let _ = r#in;
        }

        #[on(Marked(r#mut))]
        fn marked(&mut self, r#mut: &::uuid::Uuid) {
            let _ = r#mut;
        }

        #[on(Unit)]
        fn unit(&mut self) {}
    }

    #[derive(Serialize, Deserialize, ReadModel)]
    struct Row {
        #[cqrs(key)]
        r#type: ::uuid::Uuid,
    }

    #[derive(Query)]
    #[cqrs(model = Row, result = u8, error = Refused)]
    struct Ask;

    #[projection(event = Fact, ignore(Old, Marked))]
    impl Row {
        #[on(Made, Unit)]
        fn made(r#type: ::uuid::Uuid) -> Self {
            Self { r#type }
        }

        #[on(r#Match, key = r#type, or_insert = Self::new)]
        fn r#match(&mut self, #[recorded] event: &::cqrs::RecordedEvent) -> ::cqrs::Change {
            let _ = event;
            ::cqrs::Change::Keep
        }

        fn new(key: &::uuid::Uuid) -> Self {
            Self { r#type: *key }
        }

        #[handle]
        async fn ask(views: &::cqrs::Views<Self>, ask: Ask) -> Result<u8> {
            let _ = (views, ask);
            ::std::result::Result::Ok(1)
        }
    }

    struct Tx<'a, T>(&'a mut T);

    struct Statements;

    #[projection(event = Fact, name = "statements", transaction = Tx<'_, u8>, ignore(Old, Marked))]
    impl Statements {
        #[setup]
        async fn tables(Tx(tx): &mut Tx<'_, u8>) -> Result<()> {
            **tx += 1;
            ::std::result::Result::Ok(())
        }

        #[allow(clippy::elidable_lifetime_names, reason = "it may have a name")]
        #[on(Made, Unit)]
        async fn made<'tx>(tx: &mut Tx<'tx, u8>, r#type: &::uuid::Uuid) -> Result<()> {
            let _ = r#type;
            *tx.0 += 1;
            ::std::result::Result::Ok(())
        }

        #[on(r#Match)]
        async fn r#match(_: &mut Tx<'_, u8>, r#in: u8, #[recorded] event: &::cqrs::RecordedEvent) -> Result<()> {
            let _ = (r#in, event);
            ::std::result::Result::Ok(())
        }
    }

    struct Plain;

    struct Ignorant;

    #[projection(event = Fact, name = "ignorant", transaction = Plain, ignore(Made, Unit, r#Match, Old, Marked))]
    impl Ignorant {}

    #[derive(Command)]
    #[cqrs(error = Refused)]
    struct Tick;

    #[derive(Query)]
    #[cqrs(result = u8, error = Refused)]
    struct Count;

    struct Service;

    #[command_handlers]
    impl Service {
        #[handle]
        async fn tick(&self, tick: Tick, ctx: &::cqrs::Context) -> Result<()> {
            let _ = (tick, ctx);
            ::std::result::Result::Ok(())
        }
    }

    #[query_handlers]
    impl Service {
        #[handle]
        async fn count(&self, count: Count) -> Result<u8> {
            let _ = count;
            ::std::result::Result::Ok(1)
        }
    }
}

/// The crate under another name, in nested modules, with items in a function.
pub mod renamed {
    /// Where it is.
    pub mod inner {
        pub use ::cqrs::*;
    }

    /// A thing.
    pub struct Thing;

    /// A service.
    pub struct Service;

    /// A command.
    #[derive(inner::Command)]
    #[cqrs(crate = crate::renamed::inner, error = ::std::fmt::Error)]
    pub struct Tick;

    #[inner::command_handlers(crate = inner)]
    impl Service {
        #[handle]
        async fn tick(&self, tick: Tick) -> ::std::result::Result<(), ::std::fmt::Error> {
            let Tick = tick;
            ::std::result::Result::Ok(())
        }
    }

    /// Holds a whole domain.
    #[must_use]
    pub fn function() -> bool {
        use self::inner::{Event, aggregate};

        #[derive(::serde::Serialize, ::serde::Deserialize, Event)]
        #[cqrs(aggregate = "thing", id = id, crate = inner)]
        enum Fact {
            Made { id: u64 },
        }

        struct Local;

        #[aggregate(event = Fact, error = ::std::fmt::Error, crate = inner)]
        impl Local {
            #[on(Made)]
            fn made() -> Self {
                Self
            }
        }

        let mut local = ::std::option::Option::None;
        let made = <Local as inner::Aggregate>::apply(&mut local, Fact::Made { id: 1 });
        made.is_ok() && local.is_some()
    }
}

fn main() {
    ::std::assert!(renamed::function());
}
