//! Derived code names nothing that a user may have named otherwise: no prelude, everything shadowed, raw identifiers,
//! items in functions, private types, generics, deprecated variants.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

/// In the way of whatever is not named by its whole path.
pub mod shadowed {
    #![allow(dead_code, missing_docs, clippy::pedantic)]

    macro_rules! in_the_way {
        ($($name:ident)*) => { $(pub struct $name;)* };
    }

    in_the_way! { Option Result Vec Some None Ok Err String Box Clone Iterator IntoIterator Default Field Column Value Schema
    Event_ Context Id Key Send Sync From Into ToString }

    pub mod core {}
    pub mod std {}
    pub mod cqrs {}
    pub mod serde {}

    use ::cqrs::{Command, Dispatcher, Event, Query, ReadModel};
    use ::serde::{Deserialize, Serialize};

    /// A fact.
    #[derive(Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "thing", id = r#type)]
    pub enum Facts {
        Made {
            r#type: ::uuid::Uuid,
            #[cqrs(unique, taken = Refused::Taken)]
            r#fn: u8,
        },
        r#Match {
            r#type: ::uuid::Uuid,
        },
        #[deprecated]
        #[cqrs(release(r#fn))]
        Old(Inner),
    }

    #[derive(Serialize, Deserialize)]
    pub struct Inner {
        r#type: ::uuid::Uuid,
    }

    pub enum Refused {
        Taken(u8),
    }

    #[derive(Command)]
    #[cqrs(result = ::std::vec::Vec<u8>)]
    pub struct r#Do {
        pub r#in: u8,
    }

    #[derive(Query)]
    #[cqrs(result = u8, model = Row)]
    pub struct Ask;

    #[derive(Serialize, Deserialize, ReadModel)]
    pub struct Row {
        #[cqrs(key)]
        pub r#type: ::uuid::Uuid,
        #[cqrs(index)]
        pub(super) r#where: ::std::option::Option<u8>,
        #[cqrs(index)]
        pub(in crate::shadowed) plain: bool,
    }

    #[derive(Dispatcher)]
    pub struct App {
        engine: ::cqrs::Engine,
        own: Service,
        named_like_a_marker: Field,
    }

    struct Service;

    pub fn columns() -> ::cqrs::ColumnRef<Row, ::uuid::Uuid> {
        let _ = (Row::WHERE, Row::PLAIN);
        Row::TYPE
    }
}

/// What is deprecated is used by its users, not by what is derived for it.
pub mod deprecated {
    use ::cqrs::{Command, Dispatcher, Event, Query, ReadModel};
    use ::serde::{Deserialize, Serialize};

    /// Facts.
    #[deprecated]
    #[derive(Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "thing", id = id)]
    pub enum Fact {
        /// One.
        Made {
            /// Which.
            #[deprecated]
            id: u64,
            /// Called.
            #[deprecated]
            #[cqrs(unique)]
            name: u64,
        },
    }

    /// A command.
    #[deprecated]
    #[derive(Command)]
    pub struct Make {
        /// Which.
        #[deprecated]
        pub id: u64,
    }

    /// A query.
    #[deprecated]
    #[derive(Query)]
    #[cqrs(result = u8)]
    pub struct Ask;

    /// A row.
    #[deprecated]
    #[derive(Serialize, Deserialize, ReadModel)]
    pub struct Row {
        /// Which.
        #[deprecated]
        #[cqrs(key)]
        pub id: u64,
        /// Called.
        #[deprecated]
        #[cqrs(index)]
        pub name: u64,
    }

    /// A root.
    #[deprecated]
    #[derive(Dispatcher)]
    pub struct App {
        /// The only one.
        #[deprecated]
        pub engine: ::cqrs::Engine,
    }
}

/// The crate under another name.
pub mod renamed {
    mod inner {
        pub(super) mod events {
            pub(crate) use ::cqrs::*;
        }
    }

    /// A fact about a `T`.
    #[derive(::serde::Serialize, ::serde::Deserialize, inner::events::Event)]
    #[cqrs(aggregate = "thing", id = id, crate = inner::events)]
    pub enum Generic<T: ::std::fmt::Display, const N: usize>
    where
        T: ::std::clone::Clone,
    {
        /// The first.
        Made {
            /// Which.
            id: ::uuid::Uuid,
            /// Its value.
            #[cqrs(unique)]
            value: T,
        },
    }

    /// A command.
    #[derive(inner::events::Command)]
    #[cqrs(crate = self::inner::events)]
    pub struct Tick;

    /// A query.
    #[derive(inner::events::Query)]
    #[cqrs(result = u8, crate = crate::renamed::inner::events)]
    pub struct Ask;

    /// A row.
    #[derive(::serde::Serialize, ::serde::Deserialize, inner::events::ReadModel)]
    #[cqrs(crate = inner::events)]
    pub struct Row {
        /// Which.
        #[cqrs(key)]
        pub id: u64,
    }

    /// A root.
    #[derive(inner::events::Dispatcher)]
    #[cqrs(crate = inner::events)]
    pub struct App(::cqrs::Engine);
}

fn items_in_a_function() {
    use ::cqrs::{Command, Event, ReadModel};
    use ::serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "thing", id = id)]
    enum Fact {
        Made { id: u64 },
    }

    #[derive(Command)]
    struct Tick;

    #[derive(Serialize, Deserialize, ReadModel)]
    struct Row {
        #[cqrs(key)]
        id: u64,
    }

    let fact = Fact::Made { id: 7 };
    ::std::assert_eq!(Event::aggregate_id(&fact), &7);
    ::std::assert_eq!(<Tick as Command>::COMMAND_NAME, "tick");
    ::std::assert_eq!(Row::ID.place(), 0);
    let Fact::Made { id } = fact;
    let row = Row { id };
    ::std::assert_eq!(ReadModel::key(&row), &row.id);
}

fn main() {
    items_in_a_function();
    let fact = shadowed::Facts::Match { r#type: ::uuid::Uuid::nil() };
    let shadowed::Facts::Match { r#type } = &fact else { return };
    ::std::assert_eq!(::cqrs::Event::aggregate_id(&fact), r#type);
    let _ = shadowed::columns();
}
